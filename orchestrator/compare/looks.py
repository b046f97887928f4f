"""Is this the look that was planned? A verdict at any other number of seeds must be the anytime-valid one.

**Over all looks** at a sweep a verdict that is not true is said of at most 1 in 20, because the level is shared out
before anything is seen:

- Where the first look is the planned one, its plain tests have nine tenths of the level, and all looks after it
  together the tenth that was kept back. Whatever the looks have to do with one another, the chance that any of them
  errs is at most the sum: .045 + .005. With the whole level at the planned look nothing would be left for a sweep
  that grows afterwards, and it would err at each later look on top (docs/validity.md).
- Where the first look is another one, no plain test is ever made, and the anytime-valid tests have the whole level:
  it holds for all looks at once.

Which of the two it is, the number of seeds at the first look settles, and no later look changes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.compare.estimates import LEVEL

KEPT_BACK = LEVEL / 10
"""For all looks after the planned one."""
PLANNED_LEVEL = LEVEL - KEPT_BACK
"""For the planned look, if it is the first."""


@dataclass(frozen=True)
class Look:
    """How a verdict at the present number of seeds may be had."""

    seeds: int
    planned: int
    anytime: bool
    why: str
    """In words, where it is the anytime-valid one; empty otherwise."""
    level: float
    """What the corrected p of a verdict must be under."""


def judge_look(seeds: int, planned: int, looks: Sequence[int]) -> Look:
    """The plain verdict belongs to the planned number, unless a verdict at another number was shown before it."""
    before = looks[: looks.index(seeds)] if seeds in looks else looks
    if seeds != planned:
        why = f"{planned} seeds were planned at the first run, and {seeds} are judged"
        planned_came_first = bool(looks) and looks[0] == planned
        return Look(seeds, planned, True, why, KEPT_BACK if planned_came_first else LEVEL)
    if before:
        why = f"a verdict at {' and '.join(map(str, dict.fromkeys(before)))} seeds was shown before"
        return Look(seeds, planned, True, why, LEVEL)
    return Look(seeds, planned, False, "", PLANNED_LEVEL)
