"""The notes of what could be seen when a plan was made, and was left out of it.

Who picks seeds or arms by the results that they have shown finds differences that are not there, and no test of the
picked ones knows of the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.store.noted_looks import Runs


@dataclass(frozen=True)
class NotedChoice:
    """Made with a plan, from runs that had results."""

    taken: Runs
    """Those of them that are in the plan."""
    left_out: tuple[Mapping[str, int], ...] = ()
    """Of each arm of which the plan takes some runs and not others: all that there were, each with its seed."""
    arms: int | None = None
    """How many arms there are on the data and split of the plan, its own among them; None where none of them was
    chosen, for a whole sweep is gone on with or no other arm is there."""


def choice_note(choice: NotedChoice) -> dict[str, Any]:
    """What a note says of it."""
    left_out = [dict(sorted(runs.items())) for runs in choice.left_out]
    return {"taken": sorted(choice.taken), "left_out": left_out, "arms": choice.arms}


def noted_choice(note: Mapping[str, Any]) -> NotedChoice:
    """What it said."""
    return NotedChoice(frozenset(note["taken"]), tuple(note["left_out"]), note["arms"])
