"""The sweeps that come with seedwise are sound and say what they promise."""

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from orchestrator.compare.head_arms import head_arms
from orchestrator.sweep_file import load_sweep
from orchestrator.sweep_text import shipped_sweeps, template
from trainables.data.sources import ImdbSource
from trainables.settings import declared

NAMES = ["imdb_bag_of_embeddings", "imdb_loss_by_seed", "imdb_why", "own_data", "quickstart"]
OF_TWO_LOSSES = [name for name in NAMES if name != "imdb_why"]


def test_these_sweeps_are_shipped() -> None:
    assert list(shipped_sweeps()) == NAMES


@pytest.mark.parametrize("smoke", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_sweep_loads_by_its_name_from_any_folder(
    name: str, smoke: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = load_sweep(name, smoke=smoke)
    spec = loaded.spec
    assert spec.name == (f"{name}-smoke" if smoke else name)
    assert spec.description
    assert len(spec.cells) == len(spec.arms) * len(spec.seed_list)
    assert (spec.decide.metric, spec.decide.direction) == ("test_accuracy", "maximize")
    assert loaded.text == resources.files("search_spaces").joinpath(f"{name}.yaml").read_text("utf-8")


@pytest.mark.parametrize("name", OF_TWO_LOSSES)
def test_it_holds_binary_cross_entropy_against_cross_entropy(name: str) -> None:
    spec = load_sweep(name).spec
    assert [arm.name for arm in spec.arms] == ["loss=cross_entropy", "loss=binary_cross_entropy"]
    assert spec.baseline_arm.name == "loss=cross_entropy"


def test_imdb_why_has_every_arm_that_reasons_ask_for() -> None:
    spec = load_sweep("imdb_why").spec
    of_arms = {cell.arm.name: declared(cell.config) for cell in spec.cells[: len(spec.arms)]}
    (found,) = head_arms(of_arms)
    assert sorted(found.names) == sorted(of_arms)
    assert found.plain == spec.baseline_arm.name == "loss=binary_cross_entropy"
    assert len(spec.seed_list) >= 10


@pytest.mark.parametrize(
    ("changes", "other"),
    [
        ((), "imdb_bag_of_embeddings"),
        (("model=transformer_encoder", "training.learning_rate=7e-4"), "imdb_loss_by_seed"),
    ],
)
def test_imdb_why_takes_over_the_cells_of_the_sweep_that_it_asks_about(
    changes: tuple[str, ...], other: str
) -> None:
    arms = ("loss=cross_entropy", "loss=binary_cross_entropy")
    why = [cell.config for cell in load_sweep("imdb_why", set_=changes).spec.cells if cell.arm.name in arms]
    assert all(cell.config in why for cell in load_sweep(other).spec.cells)


def test_a_wheel_holds_every_shipped_sweep() -> None:
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    (pattern,) = project["tool"]["setuptools"]["package-data"]["search_spaces"]
    assert sorted(file.stem for file in (root / "search_spaces").glob(pattern)) == NAMES


def test_the_imdb_sweep_is_the_papers_experiment() -> None:
    spec = load_sweep("imdb_loss_by_seed").spec
    assert spec.data == ImdbSource()
    assert (spec.split.train.of, spec.split.train.size) == ("train", "rest")
    assert (spec.split.validation.of, spec.split.validation.size) == ("test", 2500)
    assert spec.split.test is not None
    assert (spec.split.test.of, spec.split.test.size) == ("test", "rest")
    assert (spec.tokens.encoding, spec.training.epochs, spec.seed_list) == ("cl100k_base", 10, (0, 1, 2, 3, 4))


def test_the_bag_differs_from_the_encoder_sweep_in_model_and_training_only() -> None:
    encoder, bag = load_sweep("imdb_loss_by_seed").spec, load_sweep("imdb_bag_of_embeddings").spec
    for group in ("data", "split", "vary", "seeds", "baseline", "decide", "resources"):
        assert getattr(encoder, group) == getattr(bag, group), group


def test_the_template_can_be_copied_and_used_under_another_name(tmp_path: Path) -> None:
    mine = tmp_path / "my.yaml"
    mine.write_text(template(), "utf-8")
    assert load_sweep(mine).spec.name == "my"


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_sweep_is_commented_and_fits_a_page(name: str) -> None:
    lines = shipped_sweeps()[name].splitlines()
    assert lines[0].startswith("# ")
    assert sum("#" in line for line in lines) >= 8
    assert max(map(len, lines)) <= 116
