"""The note of what was planned before any of a sweep's runs could be seen: seeds, pairs, metric and margin.

Whatever of these is chosen afterwards may be what the runs made look best.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NotedPlan:
    """Made with the run by which a sweep's cells were begun."""

    seeds: tuple[int, ...]
    metric: str
    margin: float | None
    pairs: frozenset[frozenset[str]]
    """The arms that were to be held against each other, by name."""
    arms_trained: int = 0
    """How many of the arms had runs already, from other sweeps. All runs of one arm, met by fresh ones of others,
    are as good as planned; a difference between two could be seen, and the plan be made by it."""
    cells: frozenset[str] = frozenset()
    """By key. Once anything can be seen of them, the note stays, whatever else the sweep is made to train."""


def plan_note(plan: NotedPlan) -> dict[str, Any]:
    """What a note says of it."""
    pairs = sorted(sorted(pair) for pair in plan.pairs)
    decides = {"metric": plan.metric, "margin": plan.margin, "pairs": pairs}
    return {"seeds": list(plan.seeds), **decides, "arms_trained": plan.arms_trained, "cells": sorted(plan.cells)}


def noted_plan(note: Mapping[str, Any]) -> NotedPlan:
    """What it said."""
    pairs = frozenset(map(frozenset, note["pairs"]))
    decides = (note["metric"], note["margin"], pairs)
    return NotedPlan(tuple(note["seeds"]), *decides, note["arms_trained"], frozenset(note["cells"]))
