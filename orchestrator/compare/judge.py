"""From numbers to verdicts: which tests are one family, and when it is too early to speak.

Holm's family holds every test of the deciding metric that can yield BETTER or STEADIER. EQUIVALENT is a family of
its own. Arms that are one training are one test in each. An interval in a sentence agrees with the sentence.
"""

from collections.abc import Sequence
from dataclasses import replace

from orchestrator.compare import verdicts
from orchestrator.compare.comparison import Kind, PairComparison, Verdict
from orchestrator.compare.estimates import CONFIDENCE, LEVEL, Interval
from orchestrator.compare.judge_spread import (
    has_spread_interval,
    has_spread_test,
    judge_spread,
    spread_notes,
    spread_p,
)
from orchestrator.compare.looks import PLANNED_LEVEL
from orchestrator.compare.measured import Measured, Rules, has_location_test
from orchestrator.compare.multiplicity import agreeing, agreeing_within, holm, simultaneous_confidence
from orchestrator.compare.power import FEWEST_FOR_A_DIFFERENCE
from orchestrator.compare.rests_on import rests_on
from orchestrator.compare.same_training import ALL_DIFFERENT, Training, contrast, each_once
from orchestrator.compare.seeds_asked import Families, arms_of, families
from orchestrator.compare.steadier import FEWEST_FOR_SPREAD
from orchestrator.compare.worst_case import against, too_many_said, unbounded_said


def judge(
    measured: Sequence[Measured], rules: Rules, training: Training = ALL_DIFFERENT
) -> tuple[PairComparison, ...]:
    """Verdicts of a complete grid."""

    def by_pair(tested: Sequence[Measured], ps: Sequence[float]) -> dict[int, float]:
        """Of every pair that has the test, by whichever names of its trainings."""
        found = {contrast(m, training): p for m, p in zip(tested, ps, strict=True)}
        return {id(m): found[of] for m in measured if m.judged and (of := contrast(m, training)) in found}

    once = each_once(measured, training)
    located = [m for m in once if has_location_test(m)]
    spread = [m for m in once if has_spread_test(m, rules)]
    ps = [_p(m) for m in located] + [spread_p(m) for m in spread]
    tests = max(rules.look.tests or 0, len(ps))
    adjusted = holm(ps, tests)
    by_place, by_spread = by_pair(located, adjusted[: len(located)]), by_pair(spread, adjusted[len(located) :])
    # The same family with every diverged run counted against the leader: a verdict has to stand in both.
    worst = holm([_worst_p(m, rules) for m in located] + ps[len(located) :], tests)
    by_worst = by_pair(located, worst[: len(located)])
    same = by_pair(*_equivalences(located, rules))
    ahead = families(rules.look, len(located), arms_of(m.pair for m in measured))
    return tuple(
        replace(
            m.pair,
            verdicts=(
                *_of_location(m, rules, by_place, by_worst, same, ahead),
                *judge_spread(m, rules, by_spread, sum(map(has_spread_interval, once))),
            ),
            notes=_notes(m, rules, by_place, by_worst, by_spread, same),
        )
        for m in measured
    )


def _p(m: Measured) -> float:
    p = m.numbers.rests_on.p
    assert p is not None
    return p


def _a_leads(m: Measured, rules: Rules) -> bool:
    return (m.numbers.rests_on.estimate > 0) == rules.metric.maximize


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
    still_leads = (found.estimate > 0) == (m.numbers.rests_on.estimate > 0)
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
    if is_near and is_far == ("BETTER" in found) and (why := _never_same(m) or found.get("BETTER", "")):
        found["EQUIVALENT"] = why
    return found


def _never_same(m: Measured) -> str:
    """Why no difference is shown to be small; empty if one may be."""
    return too_many_said(m.samples) or unbounded_said(m.samples)


def _worst_said(m: Measured, rules: Rules, worst: dict[int, float]) -> str:
    stands = worst[id(m)] < rules.look.level
    return "" if stands else "the verdict would not stand if the diverged runs had ended at their worst"


def _equivalences(located: Sequence[Measured], rules: Rules) -> tuple[list[Measured], Sequence[float]]:
    """Those with a margin, and the corrected p of each, in a family of their own: Holm's; at a look to which any
    margin may be brought, Bonferroni's, which holds for all margins at once."""
    tests = [(m, e.p) for m in located if (e := m.numbers.equivalence) is not None and e.p is not None]
    ps, of = [p for _, p in tests], rules.look.tests
    corrected = holm(ps) if of is None else [min(1.0, of * p) for p in ps]
    return [m for m, _ in tests], corrected


def _of_location(
    m: Measured,
    rules: Rules,
    adjusted: dict[int, float],
    worst: dict[int, float],
    same: dict[int, float],
    ahead: Families,
) -> tuple[Verdict, ...]:
    metric, margin = rules.metric, rules.margin
    if m.samples.fewest < FEWEST_FOR_A_DIFFERENCE:
        said = verdicts.not_enough_runs(m.pair.n, m.pair.paired, FEWEST_FOR_A_DIFFERENCE, FEWEST_FOR_SPREAD)
        return (Verdict("NOT ENOUGH RUNS", said),)
    if m.judged is None:
        return (Verdict("SAME TRAINING", verdicts.same_training(m.arm, m.versus)),)
    numbers = m.numbers
    difference = numbers.rests_on.estimate
    if id(m) not in adjusted:
        return (Verdict("NOT SETTLED", verdicts.without_variance(difference, metric)),)
    p = adjusted[id(m)]
    withheld = _withheld(m, rules, adjusted, worst, same)
    is_better = p < rules.look.level and "BETTER" not in withheld
    interval = m.judged.interval_at(simultaneous_confidence(CONFIDENCE, ahead.now.pairs))
    assert interval is not None
    if "BETTER" not in withheld:  # else the interval is what it is, for it is not by its p that nothing is said
        interval = agreeing(interval, 0.0, difference, is_better)
    inner = None
    is_same = same.get(id(m), 1.0) < rules.look.level and "EQUIVALENT" not in withheld and not _never_same(m)
    if margin is not None and is_same:
        inner = m.judged.interval_at(1 - 2 * LEVEL / ahead.now.pairs)
        assert inner is not None
        inner = agreeing_within(inner, margin, shown=True)
    if is_better:
        a_leads = _a_leads(m, rules)
        winner, loser = (m.pair.arm, m.pair.versus) if a_leads else (m.pair.versus, m.pair.arm)
        n = m.pair.n if a_leads else (m.pair.n[1], m.pair.n[0])
        favour, within = (span if span is None or difference > 0 else _turned(span) for span in (interval, inner))
        assert favour is not None
        said = verdicts.better(
            winner, loser, abs(difference), favour, p, n, metric, margin, within, rules.scope, _items(m, rules)
        )
        return (Verdict("BETTER", said + rules.aside, p, interval, winner),)
    if margin is not None and inner is not None:
        said = verdicts.equivalent(margin, difference, inner, metric, _items(m, rules))
        return (Verdict("EQUIVALENT", said + rules.aside, same[id(m)], inner),)
    said = verdicts.not_settled(difference, interval, metric, bool(withheld))
    if not withheld:  # more seeds would not settle what diverged runs leave open
        said += power_said(m, rules, ahead)
    return (Verdict("NOT SETTLED", said + rules.aside, p, interval),)


def power_said(m: Measured, rules: Rules, ahead: Families) -> str:
    """What its seeds can detect, and how many the margin needs."""
    seeds, design = m.samples.fewest, m.numbers.design
    of_margin = [
        None if rules.margin is None else family.seeds_for(rules.margin, design).to_settle
        for family in (ahead.fresh, ahead.grown)
    ]
    return verdicts.power_said(seeds, ahead.now.detectable(seeds, design), rules.metric, rules.margin, *of_margin)


def _turned(span: Interval) -> Interval:
    return Interval(-span.high, -span.low, span.confidence)


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
    return (*notes, *spread_notes(m, rules))
