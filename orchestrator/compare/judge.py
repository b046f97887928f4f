"""From numbers to verdicts: which tests are one family, and when it is too early to speak.

Holm's family holds every test of the deciding metric that can yield BETTER or STEADIER. EQUIVALENT is a family of
its own. Arms that are one training are one test in each. An interval in a sentence agrees with the sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from orchestrator.compare import verdicts
from orchestrator.compare.comparison import Kind, PairComparison, PairNumbers, Verdict
from orchestrator.compare.estimates import CONFIDENCE, LEVEL, Interval
from orchestrator.compare.judged import Judged
from orchestrator.compare.looks import PLANNED_LEVEL, Look
from orchestrator.compare.metric import Metric
from orchestrator.compare.multiplicity import agreeing, agreeing_within, holm, simultaneous_confidence
from orchestrator.compare.power import FEWEST_FOR_A_DIFFERENCE, detectable
from orchestrator.compare.rests_on import Evidence, rests_on
from orchestrator.compare.same_training import ALL_DIFFERENT, Training, contrast, each_once
from orchestrator.compare.samples import Samples
from orchestrator.compare.seeds_asked import first_level, seeds_for
from orchestrator.compare.spread import sd_ratio
from orchestrator.compare.steadier import FEWEST_FOR_SPREAD
from orchestrator.compare.worst_case import against, too_many_said, unbounded_said


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


def judge(
    measured: Sequence[Measured], rules: Rules, training: Training = ALL_DIFFERENT
) -> tuple[PairComparison, ...]:
    """Verdicts of a complete grid."""

    def by_pair(tested: Sequence[Measured], ps: Sequence[float]) -> dict[int, float]:
        """Of every pair that has the test, by whichever names of its trainings."""
        found = {contrast(m, training): p for m, p in zip(tested, ps, strict=True)}
        return {id(m): found[of] for m in measured if m.judged and (of := contrast(m, training)) in found}

    once = each_once(measured, training)
    located = [m for m in once if _has_location_test(m)]
    spread = [m for m in once if _has_spread_test(m, rules)]
    ps = [_p(m) for m in located] + [_spread_p(m) for m in spread]
    tests = max(rules.look.tests or 0, len(ps))
    adjusted = holm(ps, tests)
    by_place, by_spread = by_pair(located, adjusted[: len(located)]), by_pair(spread, adjusted[len(located) :])
    # The same family with every diverged run counted against the leader: a verdict has to stand in both.
    worst = holm([_worst_p(m, rules) for m in located] + ps[len(located) :], tests)
    by_worst = by_pair(located, worst[: len(located)])
    same = by_pair(*_equivalences(located, rules))
    return tuple(
        replace(
            m.pair,
            verdicts=(
                *_of_location(m, rules, by_place, by_worst, same, rules.look.tests or len(located)),
                *_of_spread(m, rules, by_spread, sum(map(_has_spread_verdict, once))),
            ),
            notes=_notes(m, rules, by_place, by_worst, by_spread, same),
        )
        for m in measured
    )


def _has_location_test(m: Measured) -> bool:
    numbers = m.pair.numbers
    return m.samples.fewest >= FEWEST_FOR_A_DIFFERENCE and numbers is not None and numbers.rests_on.p is not None


def _has_spread_test(m: Measured, rules: Rules) -> bool:
    numbers = m.pair.numbers
    return (
        m.samples.fewest >= FEWEST_FOR_SPREAD
        and numbers is not None
        and numbers.steadier is not None
        and not _stalled(m)
        and not rules.look.anytime
    )


def _has_spread_verdict(m: Measured) -> bool:
    """Whether there is an interval to be shown, if no test: of a ratio that may not be judged at this look, say."""
    ratio = None if m.pair.numbers is None else m.pair.numbers.sd_ratio
    enough = m.samples.fewest >= FEWEST_FOR_SPREAD and not _stalled(m)
    return enough and ratio is not None and ratio.interval is not None


def _stalled(m: Measured) -> bool:
    return bool(m.samples.a.stalled or m.samples.b.stalled)


def _p(m: Measured) -> float:
    p = _numbers(m).rests_on.p
    assert p is not None
    return p


def _spread_p(m: Measured) -> float:
    found = _numbers(m).steadier
    assert found is not None
    return found.p


def _numbers(m: Measured) -> PairNumbers:
    assert m.pair.numbers is not None
    return m.pair.numbers


def _a_leads(m: Measured, rules: Rules) -> bool:
    return (_numbers(m).rests_on.estimate > 0) == rules.metric.maximize


def _worst_p(m: Measured, rules: Rules) -> float:
    """p with the diverged runs against the leader; 1 where it would lead no longer."""
    assert m.evidence is not None
    if not (m.samples.a.non_finite or m.samples.b.non_finite):
        return _p(m)
    leads = _a_leads(m, rules)
    filled = against(m.samples, rules.metric, m.evidence, leads)
    if filled is None:
        return 1.0
    found = rests_on(filled, rules.look.anytime).estimate
    still_leads = (found.estimate > 0) == (_numbers(m).rests_on.estimate > 0)
    return found.p if found.p is not None and still_leads else 1.0


def _items(m: Measured, rules: Rules) -> int | None:
    """How many there are, where a verdict is of new seeds on these alone: by a metric that is no mean over items
    there is no interval for new ones."""
    if m.evidence is None or m.evidence.scores is not None or m.evidence.resampling is not None:
        return None
    return None if rules.metric.part == "train" else m.samples.items


def _withheld(
    m: Measured, rules: Rules, adjusted: dict[int, float], worst: dict[int, float], same: dict[int, float]
) -> dict[Kind, str]:
    """What the tests would say and runs that diverged or stalled forbid, with the reason."""
    level, found = rules.look.level, dict[Kind, str]()
    is_far, is_near = (ps.get(id(m), 1.0) < level for ps in (adjusted, same))
    if is_far and (why := too_many_said(m.samples) or _worst_said(m, rules, worst)):
        found["BETTER"] = why
    # What is BETTER by less than the margin is not said to be EQUIVALENT anyway.
    if (
        is_near
        and is_far == ("BETTER" in found)
        and (why := too_many_said(m.samples) or unbounded_said(m.samples) or found.get("BETTER", ""))
    ):
        found["EQUIVALENT"] = why
    return found


def _worst_said(m: Measured, rules: Rules, worst: dict[int, float]) -> str:
    stands = worst[id(m)] < rules.look.level
    return "" if stands else "the verdict would not stand if the diverged runs had ended at their worst"


def _equivalences(located: Sequence[Measured], rules: Rules) -> tuple[list[Measured], Sequence[float]]:
    """Those with a margin, and the corrected p of each, in a family of their own: Holm's; at a look to which any
    margin may be brought, Bonferroni's, which holds for all margins at once."""
    tests = [(m, e.p) for m in located if (e := _numbers(m).equivalence) is not None and e.p is not None]
    ps, of = [p for _, p in tests], rules.look.tests
    corrected = holm(ps) if of is None else [min(1.0, of * p) for p in ps]
    return [m for m, _ in tests], corrected


def _of_location(
    m: Measured,
    rules: Rules,
    adjusted: dict[int, float],
    worst: dict[int, float],
    same: dict[int, float],
    judged_pairs: int,
) -> tuple[Verdict, ...]:
    metric, margin = rules.metric, rules.margin
    if m.samples.fewest < FEWEST_FOR_A_DIFFERENCE:
        said = verdicts.not_enough_runs(m.pair.n, m.pair.paired, FEWEST_FOR_A_DIFFERENCE)
        return (Verdict("NOT ENOUGH RUNS", said),)
    if m.judged is None:
        return (Verdict("SAME TRAINING", verdicts.same_training(m.arm, m.versus)),)
    numbers = _numbers(m)
    difference = numbers.rests_on.estimate
    if id(m) not in adjusted:
        return (Verdict("NOT SETTLED", verdicts.without_variance(difference, metric)),)
    p = adjusted[id(m)]
    withheld = _withheld(m, rules, adjusted, worst, same)
    is_better = p < rules.look.level and "BETTER" not in withheld
    interval = m.judged.interval_at(simultaneous_confidence(CONFIDENCE, judged_pairs))
    assert interval is not None
    if "BETTER" not in withheld:  # else the interval is what it is, for it is not by its p that nothing is said
        interval = agreeing(interval, 0.0, difference, is_better)
    if is_better:
        a_leads = _a_leads(m, rules)
        winner, loser = (m.pair.arm, m.pair.versus) if a_leads else (m.pair.versus, m.pair.arm)
        n = m.pair.n if a_leads else (m.pair.n[1], m.pair.n[0])
        favour = interval if difference > 0 else Interval(-interval.high, -interval.low, interval.confidence)
        said = verdicts.better(
            winner, loser, abs(difference), favour, p, n, metric, margin, rules.scope, _items(m, rules)
        )
        return (Verdict("BETTER", said + rules.aside, p, interval, winner),)
    is_same = same.get(id(m), 1.0) < rules.look.level and "EQUIVALENT" not in withheld
    if margin is not None and is_same:
        inner = m.judged.interval_at(1 - 2 * LEVEL / judged_pairs)
        assert inner is not None
        inner = agreeing_within(inner, margin, shown=True)
        said = verdicts.equivalent(margin, difference, inner, metric, _items(m, rules))
        return (Verdict("EQUIVALENT", said + rules.aside, same[id(m)], inner),)
    said = verdicts.not_settled(difference, interval, metric, bool(withheld))
    # More seeds would not settle what diverged runs leave open.
    if not withheld and not rules.look.anytime:  # what an anytime test can detect depends on the looks
        seeds, level = m.samples.fewest, first_level(judged_pairs, m.samples.fewest)
        found = detectable(seeds, numbers.design, level=level)
        needed = None if margin is None else seeds_for(margin, numbers.design, judged_pairs).to_settle
        said += verdicts.power_said(seeds, found, metric, margin, needed)
    return (Verdict("NOT SETTLED", said + rules.aside, p, interval),)


def _of_spread(m: Measured, rules: Rules, adjusted: dict[int, float], intervals: int) -> tuple[Verdict, ...]:
    ratio = None if m.pair.numbers is None else m.pair.numbers.sd_ratio
    if ratio is None or not _has_spread_verdict(m):
        return ()
    a, b = m.samples.values
    confidence = simultaneous_confidence(CONFIDENCE, intervals)
    wide = sd_ratio(a, b, confidence)
    assert wide is not None
    assert wide.interval is not None
    p = adjusted.get(id(m), 1.0)
    is_steadier = p < rules.look.level
    interval = agreeing(wide.interval, 1.0, ratio.estimate, is_steadier)
    sds = (float(a.std(ddof=1)), float(b.std(ddof=1)))
    if not is_steadier:
        said = verdicts.spread_not_settled(sds, ratio, interval, rules.metric)
        return (Verdict("SPREAD NOT SETTLED", said, None if id(m) not in adjusted else p, interval),)
    winner = m.pair.arm if ratio.estimate < 1 else m.pair.versus
    if ratio.estimate < 1:
        said = verdicts.steadier(m.pair.arm, m.pair.versus, sds, ratio, interval, p, rules.metric, rules.scope)
    else:
        turned = replace(ratio, estimate=1 / ratio.estimate, n=ratio.n[::-1])
        inverse = Interval(1 / interval.high, 1 / interval.low, interval.confidence)
        backwards = (m.pair.versus, m.pair.arm, sds[::-1], turned, inverse)
        said = verdicts.steadier(*backwards, p, rules.metric, rules.scope)
    return (Verdict("STEADIER", said, p, interval, winner),)


def _notes(
    m: Measured,
    rules: Rules,
    adjusted: dict[int, float],
    worst: dict[int, float],
    by_spread: dict[int, float],
    same: dict[int, float],
) -> tuple[str, ...]:
    if m.samples.fewest >= FEWEST_FOR_A_DIFFERENCE and m.judged is None:
        return ()
    notes = []
    level = rules.look.level
    for withheld, why in _withheld(m, rules, adjusted, worst, same).items():
        notes.append(f"{withheld} is withheld: {why}.")
    for kind, ps in (("BETTER", adjusted), ("EQUIVALENT", same), ("STEADIER", by_spread)):
        if level <= ps.get(id(m), 1.0) < LEVEL:
            notes.append(verdicts.of_shared_level(kind, ps[id(m)], level, level < PLANNED_LEVEL))
    if m.pair.worst_case is not None:
        low, high = (rules.metric.said_difference(v) for v in (m.pair.worst_case.low, m.pair.worst_case.high))
        notes.append(f"With the diverged runs at either end the difference lies between {low} and {high}.")
    if m.samples.fewest >= FEWEST_FOR_SPREAD and _stalled(m):
        notes.append("No verdict on spread: a stalled run is in it.")
    elif m.samples.fewest >= FEWEST_FOR_SPREAD and rules.look.anytime:
        notes.append("STEADIER is withheld: no test of spread here may be looked at more than once.")
    return tuple(notes)
