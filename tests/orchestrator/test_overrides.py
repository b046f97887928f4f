"""What the command line changes is checked like the file, and named in errors as it was typed."""

from pathlib import Path
from typing import Any

import pytest

from orchestrator.sweep_file import LoadedSweep, load_sweep
from trainables.errors import SettingsError

SOUND = """\
data: synthetic
model: transformer_encoder
seeds: 5
training: {epochs: 7}
vary:
  loss: [cross_entropy, binary_cross_entropy]
"""


@pytest.fixture
def load(tmp_path: Path) -> Any:
    def load(text: str = SOUND, **options: Any) -> LoadedSweep:
        (tmp_path / "x.yaml").write_text(text)
        return load_sweep(tmp_path / "x.yaml", **options)

    return load


def error_of(load: Any, text: str = SOUND, **options: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        load(text, **options)
    return str(caught.value)


def test_a_set_value_replaces_the_files_and_leaves_its_text(load: Any) -> None:
    loaded = load(set_=["training.epochs=3", "training.learning_rate = 1e-4", "name=other"], seeds=2)
    assert (loaded.spec.training.epochs, loaded.spec.training.learning_rate) == (3, 1e-4)
    assert (loaded.spec.name, loaded.spec.seed_list, loaded.text) == ("other", (0, 1), SOUND)
    assert loaded.options == (
        "--set training.epochs=3",
        "--set training.learning_rate = 1e-4",
        "--set name=other",
        "--seeds 2",
    )


def test_a_group_in_short_form_is_opened(load: Any) -> None:
    spec = load(set_=["model.width=64", "data.train_rows=10", "split.test=null"]).spec
    assert (spec.model.name, spec.model.width) == ("transformer_encoder", 64)
    assert (spec.data.source, spec.data.train_rows, spec.split.test) == ("synthetic", 10, None)


def test_what_varies_can_be_set_too(load: Any) -> None:
    spec = load(set_=["vary.loss=[cross_entropy]", "vary.model.width=[32, 64]"]).spec
    assert [arm.name for arm in spec.arms] == [
        "loss=cross_entropy, model.width=32",
        "loss=cross_entropy, model.width=64",
    ]
    of_epochs = ["vary={training.epochs: [2, 3]}", "loss=cross_entropy"]
    assert [arm.name for arm in load(set_=of_epochs).spec.arms] == ["training.epochs=2", "training.epochs=3"]
    nothing_yet = SOUND.replace("  loss: [cross_entropy, binary_cross_entropy]\n", "")
    assert len(load(nothing_yet, set_=["vary.loss=[cross_entropy, binary_cross_entropy]"]).spec.arms) == 2


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("training.epochs=-1", "training.epochs is -1; it must be at least 1"),
        ("training.epochs='3'", "training.epochs is '3'; it must be a whole number"),
        ("model.heads=5", "model: width 32 is not a multiple of heads 5"),
        ("vary.loss=[]", "vary: loss has no values; give at least one, or leave it out"),
        ("vary.training.epochs=[1, 0]", "training.epochs is 0; it must be at least 1"),
        ("seeds=0", "seeds: 0 seeds cannot be trained; the number must be at least 1 and at most 10,000"),
        ("training.epochs", "write key=value, e.g. --set training.epochs=3"),
        (" =3", "write key=value, e.g. --set training.epochs=3"),
        ("training.epochs= ", "no value follows the =; write one, or null for none"),
        (
            "training.epochs=[",
            "this is not YAML: while parsing a flow node, expected the node content, but found '<stream end>'",
        ),
        ("training.epochs.x=1", "training.epochs.x: training.epochs is 7, which has no settings beneath it"),
        (
            "loss=cross_entropy",
            "this sweep varies loss, so every arm would replace it; say --set 'vary.loss=[ … ]'",
        ),
        (
            "loss.gamma=2",
            "this sweep varies loss, so every arm would replace it; say --set 'vary.loss=[ … ]'",
        ),
    ],
)
def test_a_wrong_option_is_named_as_it_was_typed(load: Any, assignment: str, message: str) -> None:
    assert error_of(load, set_=[assignment]) == f"--set {assignment}: {message}"


def test_an_unknown_key_has_its_near_miss(load: Any) -> None:
    assert error_of(load, set_=["training.epoch=1"]).startswith(
        "--set training.epoch=1: training.epoch is not a setting of training; did you mean epochs? (known: "
    )


def test_the_last_option_at_fault_is_named(load: Any) -> None:
    error = error_of(load, set_=["model=transformer_encoder", "model.width=31"])
    assert error == "--set model.width=31: model: width 31 is not a multiple of heads 2"


def test_faults_of_file_and_options_are_reported_together(load: Any, tmp_path: Path) -> None:
    text = SOUND.replace("epochs: 7", "batch_size: 0")
    assert error_of(load, text, set_=["training.epochs=0"], seeds=0).splitlines() == [
        f"{tmp_path}/x.yaml:4: training.batch_size is 0; it must be at least 1",
        "--set training.epochs=0: training.epochs is 0; it must be at least 1",
        "--seeds 0: seeds: 0 seeds cannot be trained; the number must be at least 1 and at most 10,000",
    ]


@pytest.mark.parametrize(("seeds", "listed"), [("5", (0, 1)), ("1", (0,)), ("[4, 9, 2]", (4, 9)), ("[4]", (4,))])
def test_smoke_keeps_at_most_two_seeds(load: Any, seeds: str, listed: tuple[int, ...]) -> None:
    assert load(SOUND.replace("seeds: 5", f"seeds: {seeds}"), smoke=True).spec.seed_list == listed


def test_smoke_trains_one_epoch_on_few_rows_under_a_name_of_its_own(load: Any) -> None:
    loaded = load(smoke=True)
    assert loaded.options == ("--smoke",)
    assert loaded.spec.name == "x-smoke"
    assert {(c.config.training.epochs, c.config.split.limit_rows) for c in loaded.spec.cells} == {(1, 200)}


def test_smoke_changes_nothing_else_and_keeps_the_options_before_it(load: Any) -> None:
    loaded = load(SOUND + "  training.epochs: [5, 9]\n", set_=["training.batch_size=8"], smoke=True)
    assert loaded.options == ("--set training.batch_size=8", "--smoke")
    assert [arm.name for arm in loaded.spec.arms] == [
        f"loss={loss}, training.epochs={epochs}"
        for loss in ("cross_entropy", "binary_cross_entropy")
        for epochs in (1, 2)
    ]
    assert error_of(load, set_=["training.batch_size=0"], smoke=True).startswith("--set training.batch_size=0: ")


def test_smoke_leaves_what_is_smaller_still(load: Any) -> None:
    assert load(SOUND + "split: {limit_rows: 50}\n", smoke=True).spec.split.limit_rows == 50


def test_smoke_also_shrinks_groups_that_vary(load: Any) -> None:
    varied = SOUND + "  training: [{epochs: 9}, {batch_size: 8}]\n"
    cells = load(varied, smoke=True).spec.cells
    assert {(cell.config.training.epochs, cell.config.training.batch_size) for cell in cells} == {(1, 64), (1, 8)}


@pytest.mark.parametrize(
    ("axis", "left"),
    [
        ("training.epochs: [50, 10]", [2, 1]),
        ("training.epochs: [1, 2]", [1, 2]),
        ("split.limit_rows: [null, 5000, 150, 1000]", [203, 202, 150, 201]),
        ("training: [{epochs: 10}, {epochs: 50}, {epochs: 50, batch_size: 8}]", [1, 2, 1]),
        ("training: [{epochs: 10, batch_size: 8}, {epochs: 50, batch_size: 8}]", [1, 2]),
    ],
)
def test_smoke_shrinks_what_varies_and_lets_no_two_arms_become_one(load: Any, axis: str, left: list[int]) -> None:
    text = SOUND.replace("loss: [cross_entropy, binary_cross_entropy]", axis) + "loss: cross_entropy\n"
    configs = [cell.config for cell in load(text, smoke=True).spec.cells if cell.config.seed == 0]
    assert left == [config.split.limit_rows if "rows" in axis else config.training.epochs for config in configs]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("training: 3", "training"),
        ("training: {epochs: a}", "training.epochs is 'a'"),
        ("split: [a]", "split"),
        ("seeds: x", "seeds"),
        ("vary: 3", "vary"),
        ("name: 5", "name"),
        ("vary: {training.epochs: [a]}", "training.epochs is 'a'"),
        ("vary: {training.epochs: [2, a]}", "training.epochs is 'a'"),
        ("vary: {training: [a, {epochs: 5}]}", "training is 'a'"),
    ],
)
def test_smoke_does_not_hide_what_is_wrong_in_the_file(load: Any, tmp_path: Path, wrong: str, named: str) -> None:
    text = f"data: synthetic\nloss: cross_entropy\n{wrong}\n"
    if not wrong.startswith("seeds"):
        text += "seeds: 1\n"
    assert error_of(load, text, smoke=True).startswith(f"{tmp_path}/x.yaml:3: {named}")
