"""The notes of which verdicts were shown, in answer to which question."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.store.question import Question, noted_question, question_note


@dataclass(frozen=True)
class NotedLook:
    """That verdicts were shown."""

    sweep: str
    seeds: tuple[int, ...]
    """The sweep's own; of several sweeps that were looked at together each has a note."""
    question: Question
    plain: bool
    """Whether the verdicts were those of the planned look."""
    tests: int | None = None
    """For how many pairs they were corrected, where it was more than those asked about."""
    sharing: int = 1
    """How many questions that were planned together shared the level."""


def look_note(look: NotedLook) -> dict[str, Any]:
    """What a note says of it."""
    how = {"plain": look.plain, "tests": look.tests, "sharing": look.sharing}
    return {"seeds": list(look.seeds), **question_note(look.question), **how}


def noted_look(sweep: str, note: Mapping[str, Any]) -> NotedLook:
    """What it said."""
    how = note["plain"], note["tests"], note["sharing"]
    return NotedLook(sweep, tuple(note["seeds"]), noted_question(note), *how)
