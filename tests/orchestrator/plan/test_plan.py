"""A sweep with its data: which cells it has, what it loads, what it says of the data."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from orchestrator.plan import Plan, prepare_sweep
from orchestrator.spec import SweepSpec
from trainables.data.sources.synthetic import SyntheticSource
from trainables.errors import SettingsError

SWEEP: dict[str, Any] = {
    "name": "small",
    "data": {"source": "synthetic", "train_rows": 40, "test_rows": 30, "median_words": 20},
    "split": {"validation": {"of": "test", "size": 10}},
    "tokens": {"max_length": 16},
    "model": {"name": "bag_of_embeddings", "width": 2},
    "vary": {"loss": ["cross_entropy", "binary_cross_entropy"]},
    "seeds": 2,
}


def plan_of(cache: Path, **changes: Any) -> Plan:
    return prepare_sweep(SweepSpec.model_validate({**SWEEP, **changes}), cache)


def keys(plan: Plan) -> list[str]:
    return [cell.key for cell in plan.cells]


def test_a_plan_has_a_cell_for_each_arm_and_seed_with_a_key_of_its_own(cache: Path) -> None:
    plan = plan_of(cache)
    assert [(cell.arm, cell.seed) for cell in plan.cells] == [
        ("loss=cross_entropy", 0),
        ("loss=binary_cross_entropy", 0),
        ("loss=cross_entropy", 1),
        ("loss=binary_cross_entropy", 1),
    ]
    assert len(set(keys(plan))) == 4
    assert {len(key) for key in keys(plan)} == {32}
    assert {cell.corpus for cell in plan.cells} == set(plan.corpora)


def test_name_resources_baseline_and_home_change_no_key(cache: Path, tmp_path: Path) -> None:
    before = keys(plan_of(cache))
    assert before == keys(
        plan_of(
            tmp_path / "another home",
            name="another",
            description="said otherwise",
            resources={"cpus": 2, "gpus": 0.5},
            baseline="loss=binary_cross_entropy",
            decide={"metric": "test_accuracy"},
        )
    )


def test_more_seeds_keep_the_cells_that_are_there(cache: Path) -> None:
    assert keys(plan_of(cache, seeds=5))[:4] == keys(plan_of(cache))


def test_the_same_reviews_from_two_kinds_of_file_are_the_same_cells(cache: Path, tmp_path: Path) -> None:
    rows = [{"text": f"it was {word}, take {n}", "label": word} for n in range(10) for word in ("good", "bad")]
    with (tmp_path / "reviews.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ["text", "label"])
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "elsewhere.jsonl").write_text("\n".join(map(json.dumps, rows)))
    split = {"train": "all", "validation": {"of": "all", "size": 4}, "test": None}
    plans = [
        plan_of(cache, data={"source": "files", "path": str(tmp_path / name)}, split=split)
        for name in ("reviews.csv", "elsewhere.jsonl")
    ]
    assert keys(plans[0]) == keys(plans[1])
    (tmp_path / "reviews.csv").write_text((tmp_path / "reviews.csv").read_text().replace("take 7", "take seven"))
    changed = plan_of(cache, data={"source": "files", "path": str(tmp_path / "reviews.csv")}, split=split)
    assert not set(keys(changed)) & set(keys(plans[0]))


def test_each_source_is_loaded_once_and_tokenized_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[int] = []
    load = SyntheticSource.load
    monkeypatch.setattr(SyntheticSource, "load", lambda self: (loaded.append(self.seed), load(self))[1])
    plan = plan_of(cache, vary={"data.seed": [0, 1], "tokens.max_length": [8, 16]}, loss="cross_entropy", seeds=3)
    assert loaded == [0, 1]
    assert len(plan.corpora) == 2
    assert len(set(keys(plan))) == 12


def test_the_plan_says_each_thing_about_the_data_once(cache: Path) -> None:
    said = plan_of(cache, seeds=4).data_sentences
    assert len(set(said)) == len(said)
    assert "of the texts are longer than 16 tokens and are cut." in " ".join(said)
    assert "40" in " ".join(said)


def test_of_several_blocks_of_data_each_thing_is_said_with_the_one_that_it_is_of(cache: Path) -> None:
    plan = plan_of(cache, vary={"data.seed": [0, 1]}, loss="cross_entropy", seeds=1)
    said = plan.data_sentences
    blocks = [[one for one in said if one.startswith(f"synthetic(seed={seed}): ")] for seed in (0, 1)]
    assert [len(block) for block in blocks] == [len(said) / 2] * 2
    assert all(block[0].split(": ", 1)[1].startswith("train: 40 rows from 'train'") for block in blocks)
    assert all(block[-1].endswith("are longer than 16 tokens and are cut.") for block in blocks)
    (alone,) = {one.split(":")[0] for one in plan_of(cache, seeds=1).data_sentences if "from 'train'" in one}
    assert alone == "train"


OF_ALL = {"train": "all", "validation": {"of": "all", "size": 0.2}, "test": None}


def test_files_are_named_by_what_they_differ_in(cache: Path, tmp_path: Path) -> None:
    for number in range(2):
        rows = [["text", "label"], *([f"{number} word {row}", "ab"[row % 2]] for row in range(40))]
        with (tmp_path / f"{number}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    files = [{"source": "files", "path": str(tmp_path / f"{number}.csv")} for number in range(2)]
    plan = plan_of(cache, data=None, vary={"data": files}, loss="cross_entropy", seeds=1, split=OF_ALL)
    named = {f'files(path="{file["path"]}")' for file in files}
    assert {one.split(": ")[0] for one in plan.data_sentences} == named


def test_of_a_length_that_cuts_no_text_nothing_is_said_and_of_a_tiny_share_not_that_it_is_none(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "are cut" not in " ".join(plan_of(cache, tokens={"max_length": 4096}).data_sentences)
    monkeypatch.setattr("orchestrator.plan.plan.share_truncated", lambda *_: 0.0001)
    assert "under 0.1% of the texts are longer than 16 tokens and are cut." in plan_of(cache).data_sentences


def test_arms_of_other_data_have_classes_of_their_own(cache: Path, tmp_path: Path) -> None:
    for name, classes in (("a.csv", ("no", "yes")), ("b.csv", ("HATE", "LIKE", "shrug"))):
        rows = [f"take {number} of it,{classes[number % len(classes)]}" for number in range(30)]
        (tmp_path / name).write_text("\n".join(["text,label", *rows]))
    paths = [str(tmp_path / name) for name in ("a.csv", "b.csv")]
    part = {"of": "all", "size": 0.2}
    stored = plan_of(
        cache,
        data={"source": "files", "path": paths[0]},
        split={"train": {"of": "all", "size": "rest"}, "validation": part, "test": part},
        loss="cross_entropy",
        vary={"data.path": paths},
    ).stored()
    assert [arm["class_names"] for arm in stored["arms"]] == [["no", "yes"], ["HATE", "LIKE", "shrug"]]


def test_a_split_that_cannot_be_had_is_refused_before_launch(cache: Path) -> None:
    with pytest.raises(SettingsError, match="31 rows are asked of 'test'"):
        plan_of(cache, split={"validation": {"of": "test", "size": 31}})


def test_the_split_of_a_later_arm_is_refused_before_launch_too(cache: Path) -> None:
    validation = [{"of": "test", "size": 10}, {"of": "test", "size": 31}]
    with pytest.raises(SettingsError, match="31 rows are asked of 'test'"):
        plan_of(cache, vary={"split.validation": validation}, loss="cross_entropy")


def test_a_loss_that_does_not_fit_the_classes_is_refused_before_launch(cache: Path) -> None:
    losses = ["binary_cross_entropy", {"name": "cross_entropy", "class_weights": [1.0, 2.0, 3.0]}]
    with pytest.raises(SettingsError, match=r"loss\.class_weights"):
        plan_of(cache, vary={"loss": losses})


def test_what_a_sweep_keeps_of_its_plan_is_all_that_comparing_needs(cache: Path) -> None:
    plan = plan_of(cache, decide={"metric": "validation_nll"}, description="Two losses.")
    stored = json.loads(json.dumps(plan.stored()))
    assert stored["cells"] == [{"key": c.key, "arm": c.arm, "seed": c.seed} for c in plan.cells]
    assert [arm["name"] for arm in stored["arms"]] == ["loss=cross_entropy", "loss=binary_cross_entropy"]
    assert stored["baseline"] == "loss=cross_entropy"
    assert stored["decide"] == {
        "metric": "validation_nll",
        "direction": "minimize",
        "margin": None,
        "pairs": "baseline",
    }
    assert (stored["sweep"], stored["description"], stored["seeds"]) == ("small", "Two losses.", [0, 1])
    assert [arm["class_names"] for arm in stored["arms"]] == [["negative", "positive"]] * 2
    assert stored["data"] == list(plan.data_sentences)
