"""The one estimate that a verdict rests on, chosen by the design of the sweep and never by a look at the numbers.

| runs were judged | it is |
|---|---|
| all on the same items, by a mean over items | seeds × items |
| each on rows of its own, by a split that it drew | resampled t |
| otherwise | paired t, or Welch's |
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from orchestrator.compare.judged import AnytimeDifference, Judged, PlannedDifference
from orchestrator.compare.statistics.anytime import paired_evidence, two_sample_evidence
from orchestrator.compare.statistics.differences import paired_t, resampled_t, resampled_welch, welch_t
from orchestrator.compare.statistics.estimates import Estimate, scale_of, variance
from orchestrator.compare.statistics.power import Design
from orchestrator.compare.statistics.seeds_and_items import (
    OverItems,
    Scores,
    paired_over_items,
    two_samples_over_items,
)


@dataclass(frozen=True)
class Resampling:
    """Each seed drew its own split, and is judged on other rows: so many evaluated, and trained on."""

    evaluated: int
    trained: int

    @property
    def overlap(self) -> float:
        """How much of a run's variance no number of seeds takes away."""
        return self.evaluated / self.trained


@dataclass(frozen=True, eq=False)
class Evidence:
    """Final values of the runs of two arms, and their scores by item where all share the items."""

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    paired: bool
    scores: tuple[Scores, Scores] | None = None
    resampling: Resampling | None = None

    @cached_property
    def fixed_items(self) -> Estimate:
        """For new seeds alone, by the design."""
        return (paired_t if self.paired else welch_t)(self.a, self.b)

    @property
    def beside(self) -> Estimate | None:
        """By the other design, to be printed next to it; None where there are no pairs to be made."""
        if self.paired:
            return welch_t(self.a, self.b)
        return paired_t(self.a, self.b) if len(self.a) == len(self.b) else None

    @cached_property
    def over_items(self) -> OverItems | None:
        if self.scores is None:
            return None
        return (paired_over_items if self.paired else two_samples_over_items)(*self.scores)

    @property
    def resampled(self) -> Estimate | None:
        if self.resampling is None:
            return None
        method = resampled_t if self.paired else resampled_welch
        return method(self.a, self.b, self.resampling.evaluated, self.resampling.trained)

    @property
    def sd(self) -> float:
        """Of a difference, for pairs; else of a run."""
        if self.paired:
            return math.sqrt(variance(self.a - self.b, scale_of(self.a, self.b)))
        return math.sqrt((variance(self.a) + variance(self.b)) / 2)

    @property
    def item_variance(self) -> float | None:
        """Of the difference; no number of seeds takes it away. None where the items are taken as they are: by the
        design, not by whether the estimate happens to be 0 at this look."""
        if self.resampling is not None:
            return self.sd**2 * (1 if self.paired else 2) * self.resampling.overlap
        return None if self.over_items is None else self.over_items.beyond_seeds


def rests_on(evidence: Evidence, anytime: bool) -> Judged:
    """Of at least two runs an arm."""
    if anytime:
        seen = (paired_evidence if evidence.paired else two_sample_evidence)(evidence.a, evidence.b)
        return AnytimeDifference(seen, evidence.item_variance)
    if evidence.resampled is not None:
        return PlannedDifference(evidence.resampled)
    over_items = evidence.over_items
    return PlannedDifference(evidence.fixed_items if over_items is None else over_items.estimate)


def design_of(evidence: Evidence) -> Design:
    """What more seeds of the same kind would be able to detect."""
    if evidence.resampling is not None:
        return Design(evidence.sd, evidence.paired, overlap=evidence.resampling.overlap)
    return Design(evidence.sd, evidence.paired, evidence.item_variance)
