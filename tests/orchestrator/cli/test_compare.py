"""`seedwise compare` over stores that were written by hand."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from spoken import Call

from orchestrator.store import CellStore, Home, StoreError, SweepStore
from trainables.classifier import CellOutcome, PartLogits
from trainables.records import CellResult, EpochRecord

ITEMS = 300
SPLIT = {"varies_by_seed": False, "seed": 0}


def store_sweep(
    home: Path,
    name: str,
    arms: Mapping[str, Sequence[float]],
    metric: str = "test_accuracy",
    fingerprint: str = "f1",
    split: Mapping[str, Any] = SPLIT,
    planned: int | None = None,
) -> None:
    """Arm → accuracy of each seed's run; which items a run gets right is its own luck."""
    store = Home.at(home).store()
    cells = CellStore(store)
    planned_cells = []
    for arm, accuracies in arms.items():
        for seed, accuracy in enumerate(accuracies):
            key = f"{name}-{arm}-{seed}".replace("=", "-")
            planned_cells.append({"key": key, "arm": arm, "seed": seed})
            settings = {
                "data": {"fingerprint": fingerprint},
                "split": dict(split),
                "model": {"name": "bag"},
                "training": {"epochs": 1, "batch_size": 8},
            }
            cells.begin(key, settings)
            finish(cells, key, accuracy, np.random.default_rng([len(planned_cells), seed]))
    seeds = max(map(len, arms.values()))
    plan = {
        "sweep": name,
        "description": "",
        "arms": [{"name": arm, "settings": {"loss": arm.split("=")[1]}} for arm in arms],
        "baseline": next(iter(arms)),
        "decide": {"metric": metric, "direction": "maximize", "margin": None},
        "seeds": list(range(seeds)),
        "cells": planned_cells,
        "class_names": ["no", "yes"],
        "sources": ["reviews"],
        "data": [],
    }
    sweeps = SweepStore(store)
    sweeps.record_planned(name, {"seeds": planned or seeds, "metric": metric, "margin": None})
    sweeps.save(name, plan, "")


def finish(cells: CellStore, key: str, accuracy: float, rng: np.random.Generator) -> None:
    labels = np.arange(ITEMS) % 2
    right = rng.permutation(ITEMS) < round(accuracy * ITEMS)
    chance = rng.uniform(0.7, 0.99, ITEMS)
    of_label = np.where(right, chance, 1 - chance)
    of_one = np.where(labels == 1, of_label, 1 - of_label)
    logs = np.log(np.stack([1 - of_one, of_one], axis=1))
    part = PartLogits(np.arange(ITEMS), labels, logs.astype(np.float32), logs)
    final = {f"{name}_accuracy": float(right.mean()) for name in ("validation", "test")}
    record = EpochRecord(epoch=1, step=10, metrics=final, timing={}, measured_at=1.0)
    cells.add_epoch(key, record)
    result = CellResult(status="finished", epochs=1, final=final, measured_at=2.0)
    cells.finish(key, CellOutcome(result, {"validation": part, "test": part}, {"w": torch.zeros(1)}))


APART = {"loss=a": [0.70, 0.71, 0.72, 0.70, 0.71], "loss=b": [0.95, 0.96, 0.95, 0.97, 0.96]}


def looks(home: Path, name: str) -> tuple[int, ...]:
    return SweepStore(Home.at(home).store()).looks(name)


def test_verdicts_come_first_then_the_tables(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", APART)
    said = call("compare", "x", "--home", str(new_home))
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "loss=b against loss=a"
    assert lines[1].startswith("  BETTER: loss=b beats loss=a by 25.")
    assert lines[1].endswith("n=5/5 seeds). Shown on reviews with bag, 1 epoch.")
    assert said.out.index("BETTER") < said.out.index("test accuracy, % (decides)") < said.out.index("differences")
    for method in ("seeds × items, paired", "paired t", "Welch's t"):
        assert method in said.out


def test_json_holds_every_number_and_is_strict(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", APART)
    said = json.loads(call("compare", "x", "--home", str(new_home), "--json").out)
    assert [arm["n"] for arm in said["metrics"]["test_accuracy"]] == [5, 5]
    (pair,) = said["comparison"]["pairs"]
    assert pair["verdicts"][0]["kind"] == "BETTER"
    assert pair["numbers"]["over_items"]["items"] == ITEMS
    assert {"fixed_items", "beside", "permutation", "e_value", "brown_forsythe", "wins"} <= pair["numbers"].keys()


def test_all_pairs_on_request(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", {**APART, "loss=c": [0.8, 0.82, 0.81, 0.8, 0.83]})
    assert "loss=c against loss=b" not in call("compare", "x", "--home", str(new_home)).out
    assert "loss=c against loss=b" in call("compare", "x", "--home", str(new_home), "--pairs", "all").out
    assert call("compare", "x", "--home", str(new_home), "--pairs", "some").code == 2


def test_a_verdict_that_was_shown_is_kept_as_a_look(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", APART)
    assert looks(new_home, "x") == ()
    for _ in range(2):
        call("compare", "x", "--home", str(new_home))
    assert looks(new_home, "x") == (5,)
    more = {arm: [*accuracies, *accuracies[:2]] for arm, accuracies in APART.items()}
    store_sweep(new_home, "x", more)
    said = call("compare", "x", "--home", str(new_home)).out
    assert "Anytime-valid: 5 seeds were planned at the first run, and 7 are judged." in said
    assert looks(new_home, "x") == (5, 7)


def test_no_verdict_is_no_look(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "few", {arm: accuracies[:4] for arm, accuracies in APART.items()})
    assert "NOT ENOUGH RUNS" in call("compare", "few", "--home", str(new_home)).out
    assert looks(new_home, "few") == ()


def test_a_look_that_cannot_be_kept_is_said(call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_sweep(new_home, "x", APART)

    def refuse(*_: Any) -> None:
        raise StoreError("the disk is read-only")

    monkeypatch.setattr(SweepStore, "add_look", refuse)
    said = call("compare", "x", "--home", str(new_home))
    assert said.code == 0
    assert (
        "this look could not be noted, and a later verdict will not know of it: the disk is read-only" in said.out
    )


# Several sweeps.


def test_arms_of_several_sweeps_stand_side_by_side(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", {"loss=a": APART["loss=a"]})
    store_sweep(new_home, "y", {"loss=b": APART["loss=b"]})
    said = call("compare", "x", "y", "--home", str(new_home))
    assert said.out.startswith("y: loss=b against x: loss=a\n  BETTER: y: loss=b beats x: loss=a by 25.")
    assert (looks(new_home, "x"), looks(new_home, "y")) == ((5,), (5,))


def test_if_one_of_the_sweeps_was_looked_at_before_all_verdicts_are_anytime(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", {"loss=a": APART["loss=a"]})
    store_sweep(new_home, "y", {"loss=b": APART["loss=b"]}, planned=3)
    assert "Anytime-valid: 3 seeds were planned" in call("compare", "x", "y", "--home", str(new_home)).out


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"fingerprint": "f2"}, "x: loss=a and y: loss=b do not share their data"),
        ({"split": {**SPLIT, "seed": 1}}, "x: loss=a and y: loss=b do not share their split"),
        (
            {"metric": "validation_accuracy"},
            "by different metrics: x by test_accuracy (maximize), y by validation_",
        ),
    ],
)
def test_sweeps_that_do_not_measure_the_same_are_refused(
    other: dict[str, Any], why: str, call: Call, new_home: Path
) -> None:
    store_sweep(new_home, "x", {"loss=a": APART["loss=a"]})
    store_sweep(new_home, "y", {"loss=b": APART["loss=b"]}, **other)
    said = call("compare", "x", "y", "--home", str(new_home))
    assert (said.code, said.out) == (2, "")
    assert why in said.err


def test_a_sweep_beside_itself_is_refused(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", APART)
    said = call("compare", "x", "x", "--home", str(new_home))
    assert (said.code, said.err) == (2, "error: a sweep is compared with itself; name each sweep once\n")
