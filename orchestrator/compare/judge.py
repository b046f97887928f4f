"""From numbers to verdicts: what may be said of every pair of a complete grid, and when it is too early to speak.

An interval in a sentence agrees with the sentence.
"""

from collections.abc import Sequence
from dataclasses import replace

from orchestrator.compare import verdicts
from orchestrator.compare.comparison import Kind, PairComparison, Verdict
from orchestrator.compare.corrected import Corrected, corrected
from orchestrator.compare.few_beside_many import too_unequal_said
from orchestrator.compare.judge_spread import has_spread_interval, judge_spread, spread_notes
from orchestrator.compare.measured import Measured, Rules, has_location_test
from orchestrator.compare.same_training import ALL_DIFFERENT, Training, each_once
from orchestrator.compare.seeds_asked import Families, arms_of, families
from orchestrator.compare.statistics.estimates import CONFIDENCE, LEVEL, Interval
from orchestrator.compare.statistics.multiplicity import agreeing, agreeing_within, simultaneous_confidence
from orchestrator.compare.statistics.power import FEWEST_FOR_A_DIFFERENCE
from orchestrator.compare.statistics.steadier import FEWEST_FOR_SPREAD
from orchestrator.compare.worst_case import too_many_said, unbounded_said

Withheld = dict[Kind, str]
"""What the tests would say and the runs forbid, with the reason."""


def judge(
    measured: Sequence[Measured], rules: Rules, training: Training = ALL_DIFFERENT
) -> tuple[PairComparison, ...]:
    """Every pair with its verdicts and notes."""
    once = each_once(measured, training)
    ahead = families(rules.look, sum(map(has_location_test, once)), arms_of(m.pair for m in measured))
    spreads = sum(map(has_spread_interval, once))
    judged = []
    for m, ps in zip(measured, corrected(measured, rules, training), strict=True):
        withheld = _withheld(m, ps, rules)
        said = (_of_difference(m, ps, withheld, rules, ahead), *judge_spread(m, ps.spread, rules, spreads))
        judged.append(replace(m.pair, verdicts=said, notes=_notes(m, ps, withheld, rules)))
    return tuple(judged)


def _of_difference(m: Measured, ps: Corrected, withheld: Withheld, rules: Rules, ahead: Families) -> Verdict:
    if m.samples.fewest < FEWEST_FOR_A_DIFFERENCE:
        said = verdicts.not_enough_runs(m.pair.n, m.pair.paired, FEWEST_FOR_A_DIFFERENCE, FEWEST_FOR_SPREAD)
        return Verdict("NOT ENOUGH RUNS", said)
    if m.judged is None:
        return Verdict("SAME TRAINING", verdicts.same_training(m.arm, m.versus))
    if ps.difference is None:
        return Verdict("NOT SETTLED", verdicts.without_variance(m.difference, rules.metric))
    is_better = _is_under(ps.difference, rules) and "BETTER" not in withheld
    interval = _interval(m, is_better, withheld, ahead)
    inside = _inside(m, ps, withheld, rules, ahead)
    if is_better:
        return _better(m, ps.difference, interval, inside, rules)
    if inside is not None:
        return _equivalent(m, ps.equivalence, inside, rules)
    return _not_settled(m, ps.difference, interval, withheld, rules, ahead)


def _is_under(p: float | None, rules: Rules) -> bool:
    """Whether a corrected p is small enough at this look."""
    return p is not None and p < rules.look.level


def _interval(m: Measured, is_better: bool, withheld: Withheld, ahead: Families) -> Interval:
    """Of the difference, one of those of all pairs, which hold at once."""
    assert m.judged is not None
    interval = m.judged.interval_at(simultaneous_confidence(CONFIDENCE, ahead.now.pairs))
    assert interval is not None
    if "BETTER" in withheld:
        return interval  # it is as it is, for it is not by its p that nothing is said
    return agreeing(interval, 0.0, m.difference, is_better)


def _inside(m: Measured, ps: Corrected, withheld: Withheld, rules: Rules, ahead: Families) -> Interval | None:
    """The interval that lies within the margin, where both arms are shown to be the same within it."""
    if rules.margin is None or not _is_under(ps.equivalence, rules) or "EQUIVALENT" in withheld or _never_same(m):
        return None
    assert m.judged is not None
    interval = m.judged.interval_at(1 - 2 * LEVEL / ahead.now.pairs)
    assert interval is not None
    return agreeing_within(interval, rules.margin, shown=True)


def _better(m: Measured, p: float, interval: Interval, inside: Interval | None, rules: Rules) -> Verdict:
    """As the sentence has it, all in the winner's favour."""
    winner, loser, n = m.arm, m.versus, m.pair.n
    if not m.a_leads(rules.metric):
        winner, loser, n = loser, winner, n[::-1]
    favour, within = interval, inside
    if m.difference < 0:
        favour, within = _turned(interval), None if inside is None else _turned(inside)
    said = verdicts.better(
        winner,
        loser,
        abs(m.difference),
        favour,
        p,
        n,
        rules.metric,
        rules.margin,
        within,
        rules.scope,
        _items(m, rules),
    )
    return Verdict("BETTER", said + rules.aside, p, interval, winner)


def _equivalent(m: Measured, p: float | None, inside: Interval, rules: Rules) -> Verdict:
    assert rules.margin is not None
    said = verdicts.equivalent(rules.margin, m.difference, inside, rules.metric, _items(m, rules))
    return Verdict("EQUIVALENT", said + rules.aside, p, inside)


def _not_settled(
    m: Measured, p: float, interval: Interval, withheld: Withheld, rules: Rules, ahead: Families
) -> Verdict:
    said = verdicts.not_settled(m.difference, interval, rules.metric, _forbids(m) if withheld else "")
    if not withheld:  # more seeds would not settle what diverged runs leave open
        said += power_said(m, rules, ahead)
    return Verdict("NOT SETTLED", said + rules.aside, p, interval)


def power_said(m: Measured, rules: Rules, ahead: Families) -> str:
    """What its seeds can detect, and how many the margin needs."""
    seeds, design = m.samples.fewest, m.numbers.design
    of_margin = [
        None if rules.margin is None else family.seeds_for(rules.margin, design).to_settle
        for family in (ahead.fresh, ahead.grown)
    ]
    return verdicts.power_said(seeds, ahead.now.detectable(seeds, design), rules.metric, rules.margin, *of_margin)


def _forbids(m: Measured) -> str:
    return "so unequal numbers of runs" if too_unequal_said(m.samples) else "runs that diverged or stalled"


def _withheld(m: Measured, ps: Corrected, rules: Rules) -> Withheld:
    found: Withheld = {}
    is_far, is_near = _is_under(ps.difference, rules), _is_under(ps.equivalence, rules)
    if is_far and (why := _never_said(m) or _worst_said(ps, rules)):
        found["BETTER"] = why
    # What is BETTER by less than the margin is not said to be EQUIVALENT anyway.
    if is_near and is_far == ("BETTER" in found) and (why := _never_same(m) or found.get("BETTER", "")):
        found["EQUIVALENT"] = why
    return found


def _never_said(m: Measured) -> str:
    """Why nothing is said of the arms, whatever the tests find; empty if something may be."""
    return too_many_said(m.samples) or too_unequal_said(m.samples)


def _never_same(m: Measured) -> str:
    """Why no difference is shown to be small; empty if one may be."""
    return _never_said(m) or unbounded_said(m.samples)


def _worst_said(ps: Corrected, rules: Rules) -> str:
    stands = _is_under(ps.at_worst, rules)
    return "" if stands else "the verdict would not stand if the diverged runs had ended at their worst"


def _items(m: Measured, rules: Rules) -> int | None:
    """How many there are, where a verdict is of new seeds on these alone: by a metric that is no mean over items
    there is no interval for new ones."""
    if m.evidence is None or m.evidence.scores is not None:
        return None
    return None if rules.metric.part == "train" else m.samples.items


def _turned(span: Interval) -> Interval:
    return Interval(-span.high, -span.low, span.confidence)


def _notes(m: Measured, ps: Corrected, withheld: Withheld, rules: Rules) -> tuple[str, ...]:
    if m.samples.fewest >= FEWEST_FOR_A_DIFFERENCE and m.judged is None:
        return ()
    notes = [f"{kind} is withheld: {why}." for kind, why in withheld.items()]
    level = rules.look.level
    for kind, p in (("BETTER", ps.difference), ("EQUIVALENT", ps.equivalence), ("STEADIER", ps.spread)):
        if p is not None and level <= p < LEVEL:
            notes.append(verdicts.of_shared_level(kind, p, rules.look))
    if m.pair.worst_case is not None:
        low, high = (rules.metric.said_difference(v) for v in (m.pair.worst_case.low, m.pair.worst_case.high))
        notes.append(f"With the diverged runs at either end the difference lies between {low} and {high}.")
    return (*notes, *spread_notes(m, rules))
