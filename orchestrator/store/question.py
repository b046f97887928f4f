"""What verdicts are asked of which runs.

A question is known by the runs that it is asked of, not by the name of a sweep: another name, another baseline or
several sweeps together do not make another thing of the same runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Runs = frozenset[str]
"""An arm's runs: the keys of its cells."""


@dataclass(frozen=True)
class Question:
    """What verdicts are answers to, whether it is planned or has been answered."""

    pairs: frozenset[frozenset[Runs]]
    """Arms that are held against each other, whichever of the two is named first."""
    metric: str
    margin: float | None
    alone: frozenset[Runs] = frozenset()
    """An arm that is held against none."""
    tries: frozenset[tuple[str, int]] = frozenset()
    """Of cells that have been tried again, the try that they are at: its outcome is another than the first's."""

    @cached_property
    def arms(self) -> frozenset[Runs]:
        return self.alone.union(*self.pairs)

    @cached_property
    def cells(self) -> Runs:
        return frozenset(key for arm in self.arms for key in arm)

    @cached_property
    def outcomes(self) -> frozenset[tuple[str, int]]:
        """Of each cell the try that it is at."""
        return frozenset((key, 1) for key in self.cells - {key for key, _ in self.tries}) | self.tries

    def is_at_other_tries(self, before: "Question") -> bool:
        """Whether runs that both are of have been tried again in between."""
        return any(key in self.cells and key in before.cells for key, _ in self.tries ^ before.tries)

    def has_grown_from(self, before: "Question") -> bool:
        """Whether it asks the same, at whatever margin, of as many runs or more."""
        into = {arm: [own for own in self.arms if own & arm] for arm in before.arms}
        if any(len(own) != 1 for own in into.values()) or self.is_at_other_tries(before):
            return False
        return {frozenset(into[arm][0] for arm in pair) for pair in before.pairs} == self.pairs


def question_note(question: Question) -> dict[str, Any]:
    """What a note says of it."""
    arms = sorted(sorted(arm) for arm in question.arms)
    place = {frozenset(arm): number for number, arm in enumerate(arms)}
    pairs = sorted(sorted(place[arm] for arm in pair) for pair in question.pairs)
    of_runs = {"arms": arms, "pairs": pairs, "tries": dict(sorted(question.tries))}
    return {"metric": question.metric, "margin": question.margin, **of_runs}


def noted_question(note: Mapping[str, Any]) -> Question:
    """What it said."""
    arms = [frozenset(arm) for arm in note["arms"]]
    pairs = frozenset(frozenset(arms[place] for place in pair) for pair in note["pairs"])
    alone = frozenset(arms).difference(*pairs)
    return Question(pairs, note["metric"], note["margin"], alone, frozenset(note["tries"].items()))
