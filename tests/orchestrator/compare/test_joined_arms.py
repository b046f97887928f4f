"""Which arms of several sweeps are one arm."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from orchestrator.compare.joined_arms import NotComparableError, joined_arms

Seeds = Mapping[int, str]
"""With the key of each cell."""


def sweep(name: str, arms: Mapping[str, Seeds], settings: Mapping[str, Any]) -> Any:
    """`settings`: of the arms that have begun."""
    cells = [
        {"arm": arm, "seed": seed, "key": key}
        for arm, seeds in arms.items()
        for seed, key in reversed(seeds.items())
    ]
    plan = {"arms": [{"name": arm} for arm in arms], "cells": cells}
    return SimpleNamespace(name=name, plan=plan, settings={arm: {"loss": of} for arm, of in settings.items()})


def seeds(*numbers: int, of: str) -> Seeds:
    return {seed: f"{of}-{seed}" for seed in numbers}


def found(*sweeps: Any) -> list[tuple[list[str], list[int]]]:
    """Members of each arm, with their seeds together."""
    return [([member.name for member in arm.members], arm.seeds) for arm in joined_arms(sweeps)]


def test_arms_of_one_setting_in_two_sweeps_are_one_with_the_seeds_of_both_in_order() -> None:
    first = sweep("x", {"a": seeds(2, 3, of="a"), "b": seeds(2, 3, of="b")}, {"a": "A", "b": "B"})
    second = sweep("y", {"c": seeds(0, 1, of="c"), "d": seeds(0, 1, of="d")}, {"c": "A", "d": "B"})
    assert found(first, second) == [(["x: a", "y: c"], [0, 1, 2, 3]), (["x: b", "y: d"], [0, 1, 2, 3])]


def test_arms_that_have_not_begun_are_not_taken_for_one_another() -> None:
    first, second = (sweep(name, {"a": seeds(0, 1, of=name)}, {}) for name in "xy")
    assert found(first, second) == [(["x: a"], [0, 1]), (["y: a"], [0, 1])]


def test_arms_of_one_sweep_are_two_though_they_are_one_setting() -> None:
    """As a model by two names may be."""
    only = sweep("x", {"a": seeds(0, of="a"), "b": seeds(1, of="b")}, {"a": "A", "b": "A"})
    assert found(only) == [(["x: a"], [0]), (["x: b"], [1])]


def test_cells_that_are_another_at_the_same_seed_are_not_joined() -> None:
    """One setting, trained by two recipes: an arm has each seed once."""
    first, second = (sweep(name, {"a": seeds(0, 1, of=name)}, {"a": "A"}) for name in "xy")
    assert found(first, second) == [(["x: a"], [0, 1]), (["y: a"], [0, 1])]


def test_an_arm_that_shares_cells_with_two_makes_one_of_them() -> None:
    shared = {0: "one", 1: "two"}
    sweeps = [
        sweep(name, {"a": {seed: shared[seed] for seed in own}}, {})
        for name, own in zip("xyz", ([0], [1], [0, 1]), strict=True)
    ]
    assert found(*sweeps) == [(["x: a", "y: a", "z: a"], [0, 1])]


def test_arms_that_only_overlap_cannot_stand_apart() -> None:
    first = sweep("x", {"a": seeds(0, 1, of="a"), "b": seeds(0, 1, of="b")}, {"a": "A", "b": "B"})
    second = sweep("y", {"a": seeds(1, 2, of="a")}, {"a": "A"})
    with pytest.raises(
        NotComparableError, match=r"each has seeds that the other has not \(2; 0\).*seeds=\[0,1,2\]"
    ):
        joined_arms([first, second])
