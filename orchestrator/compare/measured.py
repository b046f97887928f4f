"""What `judge` gets: the numbers of every pair, and the rules that were settled before there were any."""

from dataclasses import dataclass

from orchestrator.compare.comparison import PairComparison, PairNumbers
from orchestrator.compare.judged import Judged
from orchestrator.compare.looks.look import Look
from orchestrator.compare.metric import Metric
from orchestrator.compare.rests_on import Evidence
from orchestrator.compare.samples import Samples


@dataclass(frozen=True, eq=False)
class Measured:
    """A pair with everything that a verdict needs; `evidence` and `judged` are None with fewer than two runs, and
    where both arms are one training."""

    samples: Samples
    evidence: Evidence | None
    judged: Judged | None
    pair: PairComparison

    @property
    def arm(self) -> str:
        return self.pair.arm

    @property
    def versus(self) -> str:
        return self.pair.versus

    @property
    def numbers(self) -> PairNumbers:
        """Of a pair that has any."""
        assert self.pair.numbers is not None
        return self.pair.numbers

    @property
    def difference(self) -> float:
        """That the verdict rests on, of the arm less the one it is held against."""
        return self.numbers.rests_on.estimate

    def a_leads(self, metric: Metric) -> bool:
        """Whether the arm is the better one, as estimated."""
        return (self.difference > 0) == metric.maximize


def has_location_test(m: Measured) -> bool:
    """Of fewer runs than a verdict needs there is no p: see `few_runs.py`."""
    return m.pair.numbers is not None and m.pair.numbers.rests_on.p is not None


@dataclass(frozen=True)
class Rules:
    """What the sweep settled beforehand."""

    metric: Metric
    margin: float | None
    look: Look
    scope: str

    @property
    def aside(self) -> str:
        """Said after a verdict that is the anytime-valid one."""
        return f" Anytime-valid: {self.look.why}." if self.look.anytime else ""
