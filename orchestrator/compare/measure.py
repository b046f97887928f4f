"""All numbers of a pair of arms, and of an arm by itself: computed here, judged elsewhere."""

import numpy as np

from orchestrator.compare.comparison import ArmState, Exploratory, PairComparison, PairNumbers
from orchestrator.compare.few_runs import exploratory_of_few, numbers_of_few
from orchestrator.compare.judged import Judged
from orchestrator.compare.metric import Metric
from orchestrator.compare.rests_on import Evidence, Resampling, design_of
from orchestrator.compare.runs import ArmRuns
from orchestrator.compare.samples import Samples
from orchestrator.compare.statistics import churn
from orchestrator.compare.statistics.anytime import paired_evidence, two_sample_evidence
from orchestrator.compare.statistics.calibration import null_calibration, reliability
from orchestrator.compare.statistics.differences import hedges_g
from orchestrator.compare.statistics.dominance import win_probability
from orchestrator.compare.statistics.equivalence import Equivalence
from orchestrator.compare.statistics.estimates import LEVEL, Estimate
from orchestrator.compare.statistics.item_noise import item_noise
from orchestrator.compare.statistics.permutation import permuted_welch, sign_flip
from orchestrator.compare.statistics.rates import rate, rate_difference
from orchestrator.compare.statistics.spread import brown_forsythe, f_interval, sd_ratio
from orchestrator.compare.statistics.steadier import steadier_test
from orchestrator.compare.worst_case import bounds

FEWEST_FOR_WINS = 10
"""Runs an arm, for Brunner and Munzel's approximation."""


def evidence_of(samples: Samples, metric: Metric, resampling: Resampling | None) -> Evidence:
    """The deciding metric's."""
    scores = samples.matrices(metric.base) if metric.of_items and samples.share_items else None
    return Evidence(*samples.values, samples.paired, scores, resampling)


def pair_numbers(evidence: Evidence, judged: Judged, margin: float | None, rng: np.random.Generator) -> PairNumbers:
    """Of at least two runs an arm."""
    a, b = evidence.a, evidence.b
    design = design_of(evidence)
    equivalence = None
    if margin is not None:
        difference, inner = judged.estimate, judged.interval_at(1 - 2 * LEVEL)
        equivalence = Equivalence(
            difference.estimate,
            inner,
            difference.n,
            margin,
            judged.equivalence_p(margin),
            f"two one-sided tests, {difference.method}",
        )
    numbers = PairNumbers(
        fixed_items=evidence.fixed_items,
        beside=evidence.beside,
        over_items=evidence.over_items,
        resampled=evidence.resampled,
        rests_on=judged.estimate,
        permutation=(sign_flip if evidence.paired else permuted_welch)(a, b, rng),
        e_value=(paired_evidence if evidence.paired else two_sample_evidence)(a, b).e,
        hedges_g=hedges_g(a, b),
        sd_ratio=sd_ratio(a, b),
        f_test=f_interval(a, b),
        brown_forsythe=brown_forsythe(a, b),
        steadier=steadier_test(a, b, rng),
        wins=_wins(a, b),
        equivalence=equivalence,
        design=design,
    )
    return numbers_of_few(numbers)


def pair_comparison(
    samples: Samples, metric: Metric, numbers: PairNumbers | None, resampling: Resampling | None
) -> PairComparison:
    """Without verdicts yet."""
    a, b = samples.a, samples.b
    values_a, values_b = samples.values
    some = len(values_a) > 0 and len(values_b) > 0
    disagreement = more = None
    if some and samples.share_items:
        predicted = a.predicted(samples.seeds_a), b.predicted(samples.seeds_b)
        disagreement = churn.across(*predicted, same_seed=samples.seeds_a == samples.seeds_b)
        more = churn.beyond_seeds(*predicted, same_seed=samples.seeds_a == samples.seeds_b)
    return PairComparison(
        arm=a.arm,
        versus=b.arm,
        paired=samples.paired,
        n=(len(values_a), len(values_b)),
        difference=float(values_a.mean() - values_b.mean()) if some else None,
        numbers=numbers,
        divergence=rate_difference((a.diverged, a.ended), (b.diverged, b.ended)) if a.ended and b.ended else None,
        worst_case=bounds(samples, metric) if some else None,
        churn=disagreement,
        churn_beyond_seeds=more,
        exploratory=_exploratory(samples, resampling) if numbers is not None else (),
    )


def arm_state(arm: ArmRuns, metric: Metric, rng: np.random.Generator) -> ArmState:
    values = np.array(list(arm.values.values()))
    noise = within = null = sure = None
    if arm.share_items:
        within = churn.within(arm.predicted(arm.values))
        if len(values) > 1 and metric.base == "accuracy" and metric.of_items:
            noise = item_noise(arm.matrix("accuracy", arm.values) > 0)
    ece = next((list(by_seed.values()) for name, by_seed in arm.others.items() if name.endswith("_ece")), [])
    if arm.scores:
        sure = reliability([(s.confidences_N, s.of_items["accuracy"] > 0) for s in arm.scores.values()])
        null = null_calibration(next(iter(arm.scores.values())).confidences_N, rng)
    return ArmState(
        arm=arm.arm,
        n=len(values),
        diverged=len(arm.non_finite),
        stalled=len(arm.stalled),
        missing=arm.missing,
        divergence=rate(arm.diverged, arm.ended),
        mean=float(values.mean()) if len(values) else None,
        sd=float(values.std(ddof=1)) if len(values) > 1 else None,
        item_noise=noise,
        churn=within,
        ece=float(np.mean(ece)) if ece else None,
        ece_when_calibrated=null,
        reliability=sure,
    )


def _wins(a: np.ndarray, b: np.ndarray) -> Estimate:
    found = win_probability(a, b)
    enough = min(len(a), len(b)) >= FEWEST_FOR_WINS
    return found if enough else Estimate(found.estimate, None, found.n, f"{found.method}, too few runs")


def _exploratory(samples: Samples, resampling: Resampling | None) -> tuple[Exploratory, ...]:
    """In the order in which they are read: proper scores first."""
    found = []
    for name, by_seed in samples.a.others.items():
        other = samples.b.others.get(name, {})
        if set(samples.seeds_a) <= by_seed.keys() and set(samples.seeds_b) <= other.keys():
            metric = Metric.named(name)
            values = (
                np.array([by_seed[seed] for seed in samples.seeds_a]),
                np.array([other[seed] for seed in samples.seeds_b]),
            )
            scores = samples.matrices(metric.base) if metric.of_items and samples.share_items else None
            evidence = Evidence(*values, samples.paired, scores, resampling)
            fixed, over_items = evidence.resampled or evidence.fixed_items, evidence.over_items
            shown = Exploratory(name, fixed, None if over_items is None else over_items.estimate)
            found.append(exploratory_of_few(shown))
    return tuple(found)
