"""`seedwise compare` over stores that were written by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from said import Call
from stored import APART, ITEMS, store_sweep

from orchestrator.store import Home, StoreError, SweepStore

FIVE = (0, 1, 2, 3, 4)


def looks(home: Path, name: str) -> tuple[tuple[int, ...], ...]:
    return tuple(look.seeds for look in SweepStore(Home.at(home).store()).notes().looks if look.sweep == name)


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
    assert looks(new_home, "x") == (FIVE,)
    more = {arm: [*accuracies, *accuracies[:2]] for arm, accuracies in APART.items()}
    store_sweep(new_home, "x", more)
    said = call("compare", "x", "--home", str(new_home)).out
    assert "Anytime-valid: 5 seeds were planned at the first run, and 7 are judged." in said
    assert looks(new_home, "x") == (FIVE, (*FIVE, 5, 6))


def test_other_seeds_after_a_verdict_get_none_and_are_no_look(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", {arm: 2 * accuracies for arm, accuracies in APART.items()}, planned=5)
    with_seeds_of(new_home, "x", FIVE)
    call("compare", "x", "--home", str(new_home))
    with_seeds_of(new_home, "x", (5, 6, 7, 8, 9))
    said = call("compare", "x", "--home", str(new_home)).out
    assert "BETTER" not in said
    assert "No verdict, estimates only: verdicts on seeds 0 to 4 were shown before" in said
    assert looks(new_home, "x") == (FIVE,)


def test_a_name_that_is_used_again_for_other_arms_on_other_seeds_is_another_experiment(
    call: Call, new_home: Path
) -> None:
    store_sweep(new_home, "x", APART)
    call("compare", "x", "--home", str(new_home))
    others = {"loss=c": APART["loss=a"], "loss=d": APART["loss=b"]}
    store_sweep(new_home, "x", others, first_seed=10)
    said = call("compare", "x", "--home", str(new_home)).out
    assert "BETTER: loss=d beats loss=c" in said
    assert "shown before" not in said
    assert looks(new_home, "x") == (FIVE, (10, 11, 12, 13, 14))


WHOLE = dict[str, dict[str, Any]]()
"""Plans with all cells, by sweep and home."""


def with_seeds_of(home: Path, name: str, seeds: tuple[int, ...]) -> None:
    """Plan these seeds of those that are stored."""
    sweeps = SweepStore(Home.at(home).store())
    plan = WHOLE.setdefault(f"{home} {name}", sweeps.plan(name) or {})
    cells = [cell for cell in plan["cells"] if cell["seed"] in seeds]
    sweeps.save(name, {**plan, "cells": cells, "seeds": list(seeds)}, "")


def test_the_same_runs_asked_again_by_another_name_or_for_other_pairs(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", {**APART, "loss=c": [0.8, 0.82, 0.81, 0.8, 0.83]})
    first = call("compare", "x", "--home", str(new_home)).out
    sweeps = SweepStore(Home.at(new_home).store())
    plan = sweeps.plan("x")
    assert plan is not None
    sweeps.save("copy", {**plan, "sweep": "copy"}, "")
    assert call("compare", "copy", "--home", str(new_home)).out.splitlines()[:2] == first.splitlines()[:2]
    every = call("compare", "x", "--home", str(new_home), "--pairs", "all").out
    assert "in answer to another question (x, 5 seeds; copy, 5 seeds)" in every
    assert every.count("Anytime-valid") == 3
    assert "corrected for all 3 pairs of the arms to choose from, must be under 0.0025. Verdicts of" in every
    sweeps.save(
        "other", {**plan, "sweep": "other", "decide": {**plan["decide"], "metric": "validation_accuracy"}}, ""
    )
    said = call("compare", "other", "--home", str(new_home)).out
    assert "estimates only: verdicts on these runs were shown by test_accuracy" in said
    assert call("compare", "x", "--home", str(new_home)).out == first
    assert len(sweeps.notes().looks) == 3


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


# The head.


def test_a_square_of_heads_is_told_in_words_and_as_a_table(call: Call, new_home: Path) -> None:
    bce, fast = {"name": "binary_cross_entropy"}, {"learning_rate_scale": 2.0, "weight_decay_scale": 0.5}
    losses = {
        "loss=plain": bce,
        "loss=fast": {**bce, "head": {**fast, "init": "own"}},
        "loss=started": {
            **bce,
            "head": {"learning_rate_scale": 1.0, "weight_decay_scale": 1.0, "init": "two_rows"},
        },
        "loss=both": {**bce, "head": {**fast, "init": "two_rows"}},
    }
    slow, quick = APART["loss=a"], APART["loss=b"]
    ends = dict(zip(losses, (slow, quick, slow, quick), strict=True))
    store_sweep(new_home, "why", ends, losses=losses)
    said = call("compare", "why", "--home", str(new_home))
    assert said.code == 0
    assert "  The head's rate (× 2, its decay halved): +25." in said.out
    told, shown = said.out.index("\nReasons\n"), said.out.index("reasons of loss=both − loss=plain: test_accuracy")
    assert said.out.index("differences") < told < shown
    (row,) = (line for line in said.out.splitlines() if line.startswith(" the head's start "))
    assert row.rstrip().endswith("seeds × items, paired")
    (found,) = json.loads(call("compare", "why", "--home", str(new_home), "--json").out)["comparison"]["reasons"]
    assert found["arms"]["both"] == "loss=both"
    assert found["rate"]["p"] < 0.001


# Several sweeps.
