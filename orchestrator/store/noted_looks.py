"""The notes of which verdicts were shown: of which runs, against which, by which metric and margin.

A look is known by the runs that it was at, not by the name of a sweep: another name, another baseline or several
sweeps together do not make another thing of the same runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Runs = frozenset[str]
"""An arm's runs: the keys of its cells."""


@dataclass(frozen=True)
class Question:
    """What verdicts are answers to."""

    pairs: frozenset[frozenset[Runs]]
    """Arms that are held against each other, whichever of the two is named first."""
    metric: str
    margin: float | None

    @cached_property
    def arms(self) -> frozenset[Runs]:
        return frozenset(arm for pair in self.pairs for arm in pair)

    @cached_property
    def cells(self) -> Runs:
        return frozenset(key for arm in self.arms for key in arm)


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


def look_note(look: NotedLook) -> dict[str, Any]:
    """What a note says of it."""
    arms = sorted(sorted(arm) for arm in look.question.arms)
    place = {frozenset(arm): number for number, arm in enumerate(arms)}
    pairs = sorted(sorted(place[arm] for arm in pair) for pair in look.question.pairs)
    asked = {"metric": look.question.metric, "margin": look.question.margin, "arms": arms, "pairs": pairs}
    return {"seeds": list(look.seeds), **asked, "plain": look.plain, "tests": look.tests}


def noted_look(sweep: str, note: Mapping[str, Any]) -> NotedLook:
    """What it said."""
    arms = [frozenset(arm) for arm in note["arms"]]
    pairs = frozenset(frozenset(arms[place] for place in pair) for pair in note["pairs"])
    question = Question(pairs, note["metric"], note["margin"])
    return NotedLook(sweep, tuple(note["seeds"]), question, note["plain"], note["tests"])
