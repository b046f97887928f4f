"""Is this the look that was planned? A verdict at any other number of seeds must be the anytime-valid one."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """How a verdict at the present number of seeds may be had."""

    seeds: int
    planned: int
    anytime: bool
    why: str
    """In words, where it is the anytime-valid one; empty otherwise."""


def judge_look(seeds: int, planned: int, looks: Sequence[int]) -> Look:
    """The plain verdict belongs to the planned number, unless a verdict at another number was shown before it."""
    before = looks[: looks.index(seeds)] if seeds in looks else looks
    if seeds != planned:
        why = f"{planned} seeds were planned at the first run, and {seeds} are judged"
    elif before:
        why = f"a verdict at {' and '.join(map(str, dict.fromkeys(before)))} seeds was shown before"
    else:
        return Look(seeds, planned, False, "")
    return Look(seeds, planned, True, why)
