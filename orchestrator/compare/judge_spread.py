"""Verdicts on how evenly two arms' runs lie. The tests stand in a family with those of the difference
(`corrected.py`)."""

from dataclasses import replace

from orchestrator.compare import verdicts
from orchestrator.compare.comparison import Verdict
from orchestrator.compare.few_beside_many import too_unequal_said
from orchestrator.compare.measured import Measured, Rules, has_location_test
from orchestrator.compare.statistics.estimates import CONFIDENCE, Interval, variance
from orchestrator.compare.statistics.multiplicity import agreeing, simultaneous_confidence
from orchestrator.compare.statistics.spread import sd_ratio
from orchestrator.compare.statistics.steadier import FEWEST_FOR_SPREAD


def spread_p(m: Measured, rules: Rules) -> float | None:
    """Not yet corrected; None where there is no test, as of fewer than ten runs."""
    if m.pair.numbers is None or _stalled(m) or rules.look.anytime:
        return None
    if too_unequal_said(m.samples):
        return None
    found = m.pair.numbers.steadier
    return None if found is None else found.p


def has_spread_interval(m: Measured) -> bool:
    """If no test: of a ratio that may not be judged at this look, say."""
    ratio = None if m.pair.numbers is None else m.pair.numbers.sd_ratio
    enough = m.samples.fewest >= FEWEST_FOR_SPREAD and not _stalled(m)
    return enough and ratio is not None and ratio.interval is not None


def judge_spread(m: Measured, p: float | None, rules: Rules, intervals: int) -> tuple[Verdict, ...]:
    """`p`: corrected; None where there is no test. `intervals`: how many are shown, and hold at once."""
    if has_location_test(m) and m.samples.fewest < FEWEST_FOR_SPREAD:
        said = verdicts.not_enough_for_spread(m.pair.n, m.pair.paired, FEWEST_FOR_SPREAD)
        return (Verdict("NOT ENOUGH RUNS FOR SPREAD", said),)
    ratio = None if m.pair.numbers is None else m.pair.numbers.sd_ratio
    if ratio is None or not has_spread_interval(m):
        return ()
    a, b = m.samples.values
    confidence = simultaneous_confidence(CONFIDENCE, intervals)
    wide = sd_ratio(a, b, confidence)
    assert wide is not None
    assert wide.interval is not None
    is_steadier = p is not None and p < rules.look.level
    interval = agreeing(wide.interval, 1.0, ratio.estimate, is_steadier)
    sds = (float(a.std(ddof=1)), float(b.std(ddof=1)))
    if p is None or not is_steadier:
        said = verdicts.spread_not_settled(sds, ratio, interval, rules.metric)
        return (Verdict("SPREAD NOT SETTLED", said, p, interval),)
    winner = m.pair.arm if ratio.estimate < 1 else m.pair.versus
    if ratio.estimate < 1:
        said = verdicts.steadier(m.pair.arm, m.pair.versus, sds, ratio, interval, p, rules.metric, rules.scope)
    else:
        turned = replace(ratio, estimate=1 / ratio.estimate, n=ratio.n[::-1])
        inverse = Interval(1 / interval.high, 1 / interval.low, interval.confidence)
        backwards = (m.pair.versus, m.pair.arm, sds[::-1], turned, inverse)
        said = verdicts.steadier(*backwards, p, rules.metric, rules.scope)
    return (Verdict("STEADIER", said, p, interval, winner),)


def spread_notes(m: Measured, rules: Rules) -> tuple[str, ...]:
    """Why there is no verdict although there are runs enough."""
    if m.samples.fewest < FEWEST_FOR_SPREAD:
        return ()
    if _stalled(m):
        return ("No verdict on spread: a stalled run is in it.",)
    of_one_value = [arm for arm, v in zip((m.arm, m.versus), m.samples.values, strict=True) if variance(v) == 0]
    if of_one_value:
        all_runs = " and all of ".join(of_one_value)
        return (f"No verdict on spread: all runs of {all_runs} end at one value, and there is no ratio to it.",)
    if unequal := too_unequal_said(m.samples):
        return (f"STEADIER is withheld: {unequal}.",)
    if rules.look.anytime:
        return ("STEADIER is withheld: no test of spread here may be looked at more than once.",)
    return ()


def _stalled(m: Measured) -> bool:
    return bool(m.samples.a.stalled or m.samples.b.stalled)
