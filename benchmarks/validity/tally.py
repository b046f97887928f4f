"""Counts of what was asked, and whether the share found misses its goal by more than the simulation's own error."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

COVERAGE_GOAL = 0.935
"""Of an interval of 95 %, at least."""
FALSE_ALARM_GOAL = 0.05
"""Of a verdict, at most."""
ERRORS = 3
"""A goal is missed where the share lies so many Monte-Carlo errors beyond it: of 1,000 shares on the goal, one."""


class Asked(StrEnum):
    """What a share is of."""

    COVERAGE = "coverage"
    """How often an interval holds the truth."""
    FALSE_ALARM = "false alarms"
    """How often a verdict is given that is not true."""
    POWER = "found"
    """How often a verdict is given that is true; it has no goal."""


@dataclass(frozen=True, order=True)
class Question:
    asked: Asked
    of: str
    """The interval or the verdict."""


@dataclass(frozen=True)
class Share:
    """A simulated share."""

    study: str
    n: str
    """Seeds an arm."""
    question: Question
    hits: float
    trials: int
    exact: bool = False
    """Summed over all outcomes, not simulated."""

    @property
    def share(self) -> float:
        return self.hits / self.trials

    @property
    def error(self) -> float:
        """Monte Carlo's, of one standard deviation; of a share near 0 or 1 not below that of one hit."""
        if self.exact:
            return 0.0
        p = min(max(self.share, 1 / self.trials), 1 - 1 / self.trials)
        return math.sqrt(p * (1 - p) / self.trials)

    @property
    def misses(self) -> bool:
        if self.question.asked == Asked.COVERAGE:
            return self.share + ERRORS * self.error < COVERAGE_GOAL
        if self.question.asked == Asked.POWER:
            return False
        return self.share - ERRORS * self.error > FALSE_ALARM_GOAL


class Tally:
    """Of one study at one number of seeds."""

    def __init__(self, study: str, n: str):
        self.study, self.n = study, n
        self._hits: dict[Question, int] = defaultdict(int)
        self._trials: dict[Question, int] = defaultdict(int)

    def add(self, answers: Iterable[tuple[Question, bool]]) -> None:
        for question, hit in answers:
            self._hits[question] += hit
            self._trials[question] += 1

    @property
    def shares(self) -> tuple[Share, ...]:
        return tuple(
            Share(self.study, self.n, question, self._hits[question], trials)
            for question, trials in self._trials.items()
        )
