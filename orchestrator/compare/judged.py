"""The difference that the verdict rests on, in either of two forms: planned beforehand, or valid at any time."""

from dataclasses import dataclass
from typing import Protocol

from orchestrator.compare.statistics.anytime import SeedEvidence, anytime, anytime_interval, anytime_p
from orchestrator.compare.statistics.equivalence import within_margin
from orchestrator.compare.statistics.estimates import Estimate, Interval


class Judged(Protocol):
    """A difference that can be asked at any confidence."""

    @property
    def estimate(self) -> Estimate: ...
    def interval_at(self, confidence: float) -> Interval | None: ...
    def equivalence_p(self, margin: float) -> float | None: ...


@dataclass(frozen=True)
class PlannedDifference:
    """Looked at once, at the planned number of seeds: a t estimate."""

    estimate: Estimate

    def interval_at(self, confidence: float) -> Interval | None:
        return self.estimate.interval_at(confidence)

    def equivalence_p(self, margin: float) -> float | None:
        return within_margin(self.estimate, margin).p


@dataclass(frozen=True)
class AnytimeDifference:
    """At another number, or not for the first time."""

    evidence: SeedEvidence
    item_variance: float | None
    """None where the items are taken as they are."""

    @property
    def estimate(self) -> Estimate:
        return anytime(self.evidence, self.item_variance)

    def interval_at(self, confidence: float) -> Interval | None:
        return anytime_interval(self.evidence, self.item_variance, confidence) if self.evidence.se > 0 else None

    def equivalence_p(self, margin: float) -> float | None:
        """Half the smallest level of the two-sided interval that lies inside the margin: each side is one test."""
        if not self.evidence.se > 0:
            return None
        distance = margin - abs(self.evidence.estimate)
        return anytime_p(self.evidence, self.item_variance, distance) / 2 if distance > 0 else 1.0
