"""The notes of what was planned, of which cells, and of what could be seen by who planned it.

Whatever is chosen once runs can be seen may be what they made look best: metric, margin, pairs, seeds, arms. No
test of what was chosen knows of the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.store.question import Question, Runs, noted_question, question_note


@dataclass(frozen=True)
class NotedPlan:
    """Made as cells are about to be trained."""

    sweep: str
    seeds: tuple[int, ...]
    question: Question
    """That they are to answer."""
    seen: Runs = frozenset()
    """The cells of which something could be seen when it was made, an epoch or a result: of its own, and of those
    that had been planned beforehand together with some of its own. If it is none, this was planned beforehand."""
    left_out: tuple[Mapping[str, int], ...] = ()
    """Of each arm of which it takes some of the runs that could be seen, and not others: all of them, each with its
    seed."""
    arms_there: int | None = None
    """How many arms there were on its data and split, its own among them; None where none of them was chosen, for a
    whole sweep is gone on with or no other arm was there."""

    @property
    def cells(self) -> Runs:
        return self.question.cells


def plan_note(plan: NotedPlan) -> dict[str, Any]:
    """What a note says of it."""
    left_out = [dict(sorted(runs.items())) for runs in plan.left_out]
    could_see = {"seen": sorted(plan.seen), "left_out": left_out, "arms_there": plan.arms_there}
    return {"seeds": list(plan.seeds), **question_note(plan.question), **could_see}


def noted_plan(sweep: str, note: Mapping[str, Any]) -> NotedPlan:
    """What it said."""
    could_see = frozenset(note["seen"]), tuple(note["left_out"]), note["arms_there"]
    return NotedPlan(sweep, tuple(note["seeds"]), noted_question(note), *could_see)
