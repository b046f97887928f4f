"""What comes out of a comparison: every number with its name, and the verdicts as data and as sentences."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal

from orchestrator.compare.looks.look import Look
from orchestrator.compare.reasons import Reasons
from orchestrator.compare.same_training import each_once
from orchestrator.compare.statistics.calibration import NullCalibration, Reliability
from orchestrator.compare.statistics.churn import Churn
from orchestrator.compare.statistics.equivalence import Equivalence
from orchestrator.compare.statistics.estimates import Estimate, Interval
from orchestrator.compare.statistics.item_noise import ItemNoise
from orchestrator.compare.statistics.permutation import PermutationTest
from orchestrator.compare.statistics.power import Design
from orchestrator.compare.statistics.seeds_and_items import OverItems
from orchestrator.compare.statistics.spread import SpreadTest
from orchestrator.compare.statistics.steadier import SteadierTest
from orchestrator.compare.worst_case import WorstCase

Kind = Literal[
    "BETTER",
    "EQUIVALENT",
    "NOT SETTLED",
    "STEADIER",
    "SPREAD NOT SETTLED",
    "BEYOND ITEMS",
    "NOT BEYOND ITEMS",
    "NOT ENOUGH RUNS",
    "NOT ENOUGH RUNS FOR SPREAD",
    "SAME TRAINING",
]


@dataclass(frozen=True)
class Verdict:
    """One of a fixed set of sentences."""

    kind: Kind
    sentence: str
    p: float | None = None
    """After Holm's correction, where the verdict belongs to a family."""
    interval: Interval | None = None
    """As the sentence says it."""
    winner: str | None = None
    """The arm that is BETTER or STEADIER."""


@dataclass(frozen=True)
class Exploratory:
    """A metric that does not decide: no correction, no verdict."""

    metric: str
    fixed_items: Estimate
    over_items: Estimate | None


@dataclass(frozen=True)
class PairNumbers:
    """All that is estimated of the difference arm − versus in the deciding metric."""

    fixed_items: Estimate
    beside: Estimate | None
    over_items: OverItems | None
    resampled: Estimate | None
    rests_on: Estimate
    """The one of these that decides, or the anytime-valid one."""
    permutation: PermutationTest
    e_value: float | None
    hedges_g: float | None
    sd_ratio: Estimate | None
    f_test: Estimate | None
    brown_forsythe: SpreadTest
    steadier: SteadierTest | None
    """What STEADIER rests on; None under ten runs, or without variance."""
    wins: Estimate
    """P(value of arm > that of versus) + half the ties."""
    equivalence: Equivalence | None
    design: Design
    """What more seeds of the same kind are planned by."""


@dataclass(frozen=True)
class PairComparison:
    """Two arms. Numbers are None with fewer than two runs an arm, and where both are one training."""

    arm: str
    versus: str
    paired: bool
    n: tuple[int, int]
    difference: float | None
    numbers: PairNumbers | None
    divergence: Estimate | None
    worst_case: WorstCase | None
    churn: Churn | None
    churn_beyond_seeds: Estimate | None
    """By how much more the arms disagree than two seeds of one of them."""
    exploratory: tuple[Exploratory, ...]
    verdicts: tuple[Verdict, ...] = ()
    standing: tuple[Verdict, ...] = ()
    """What was shown when there were fewer of the runs; it holds, whatever more of them show."""
    notes: tuple[str, ...] = ()

    @property
    def settled(self) -> tuple[Verdict, ...]:
        """What is known by now, for where there is room for little: what stands takes the place of NOT SETTLED."""
        of_means = any(verdict.kind in ("BETTER", "EQUIVALENT") for verdict in self.standing)
        return self.standing + tuple(v for v in self.verdicts if not (of_means and v.kind == "NOT SETTLED"))


@dataclass(frozen=True)
class ArmState:
    """One arm by itself."""

    arm: str
    n: int
    diverged: int
    """By a loss that was no number."""
    stalled: int
    missing: int
    """Planned, and neither finished nor diverged."""
    divergence: Estimate | None
    """The rate of both kinds."""
    mean: float | None
    sd: float | None
    item_noise: ItemNoise | None
    churn: Churn | None
    ece: float | None
    ece_when_calibrated: NullCalibration | None
    reliability: Reliability | None = None
    verdicts: tuple[Verdict, ...] = ()
    standing: tuple[Verdict, ...] = ()
    """As of a pair."""
    same_as: str | None = None
    """The first arm of which it is the same training under another name."""


@dataclass(frozen=True)
class Comparison:
    """The estimates, intervals and verdicts over the finished cells of a sweep."""

    sweep: str
    metric: str
    maximize: bool
    margin: float | None
    """In the metric's own scale: a share for accuracy."""
    baseline: str
    scope: str
    """Data and settings that the verdicts are of."""
    complete: bool
    look: Look
    arms: tuple[ArmState, ...]
    pairs: tuple[PairComparison, ...]
    notes: tuple[str, ...]
    reasons: tuple[Reasons, ...] = ()
    """One for each 2 × 2 of the head among the arms, other settings being equal."""

    @property
    def contrasts(self) -> list[PairComparison]:
        """Each pair of trainings once, by whichever of their names it comes first."""
        return each_once(self.pairs, {arm.arm: arm.same_as or arm.arm for arm in self.arms})

    @property
    def is_judged(self) -> bool:
        """Whether there are verdicts, if only that there are too few runs."""
        return self.complete and not self.look.withheld

    @property
    def shows_a_verdict(self) -> bool:
        """Whether a reader learns from it what may stop them, or make them go on."""
        return any(v.kind != "NOT ENOUGH RUNS" for pair in self.pairs for v in pair.verdicts)

    def as_json(self) -> dict[str, Any]:
        """Plain data; a bound that is infinite is null.

        `only_rests_on_holds`: of the p and intervals of a difference only those of `rests_on`, and of the verdicts,
        hold at this look; the others are those of one planned look.
        """
        plain: dict[str, Any] = _plain(dataclasses.asdict(self))
        return plain | {"only_rests_on_holds": self.look.anytime}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
