"""What may be said of fewer runs than a verdict needs: of two a number alone, of more an interval, and never a p.

A variance of two to four runs is known so badly that a p of it is chance, and there is no verdict beside it that
says so. An interval has one degree of freedom less than runs, whatever else it rests on.
"""

from dataclasses import replace

from orchestrator.compare.comparison import Exploratory, PairNumbers
from orchestrator.compare.reasons import Effect, Reasons, SameTraining
from orchestrator.compare.statistics.estimates import Estimate
from orchestrator.compare.statistics.power import FEWEST_FOR_A_DIFFERENCE

FEWEST_FOR_AN_INTERVAL = 3


def said_of_few(found: Estimate) -> Estimate:
    """The estimate as it may be shown; of runs enough for a verdict as it is."""
    few = min(found.n)
    if few >= FEWEST_FOR_A_DIFFERENCE:
        return found
    if found.interval is None or few < FEWEST_FOR_AN_INTERVAL:
        return replace(found, interval=None, p=None, statistic=None)
    confidence = found.interval.confidence
    bare = replace(found, p=None, statistic=None)
    if found.df is None or found.se is None:  # no t interval: an anytime-valid one rests on its runs alone
        return bare
    bare = replace(bare, df=min(found.df, few - 1.0))
    return replace(bare, interval=bare.interval_at(confidence))


def numbers_of_few(numbers: PairNumbers) -> PairNumbers:
    """All of a pair's."""
    if min(numbers.rests_on.n) >= FEWEST_FOR_A_DIFFERENCE:
        return numbers
    over_items, equivalence = numbers.over_items, numbers.equivalence
    return replace(
        numbers,
        fixed_items=said_of_few(numbers.fixed_items),
        beside=None if numbers.beside is None else said_of_few(numbers.beside),
        over_items=None if over_items is None else replace(over_items, estimate=said_of_few(over_items.estimate)),
        resampled=None if numbers.resampled is None else said_of_few(numbers.resampled),
        rests_on=said_of_few(numbers.rests_on),
        permutation=replace(numbers.permutation, p=None),
        e_value=None,
        sd_ratio=None if numbers.sd_ratio is None else said_of_few(numbers.sd_ratio),
        f_test=None if numbers.f_test is None else said_of_few(numbers.f_test),
        brown_forsythe=replace(numbers.brown_forsythe, p=None, statistic=None),
        wins=said_of_few(numbers.wins),
        equivalence=None if equivalence is None else replace(equivalence, interval=None, p=None),
    )


def exploratory_of_few(found: Exploratory) -> Exploratory:
    """A metric that does not decide."""
    over_items = None if found.over_items is None else said_of_few(found.over_items)
    return replace(found, fixed_items=said_of_few(found.fixed_items), over_items=over_items)


def reasons_of_few(found: Reasons) -> Reasons:
    """All of a square's."""
    if len(found.seeds) >= FEWEST_FOR_A_DIFFERENCE:
        return found
    return replace(
        found,
        rate=_effect(found.rate),
        start=_effect(found.start),
        interaction=_effect(found.interaction),
        difference=None if found.difference is None else _effect(found.difference),
        remainder=_check(found.remainder),
        twins=_check(found.twins),
    )


def _effect(effect: Effect) -> Effect:
    bare, interval = said_of_few(effect.estimate), effect.interval
    if bare.interval is None or interval is None:
        return Effect(bare, None, None)
    return Effect(bare, None, bare.interval_at(interval.confidence) or interval)


def _check(check: SameTraining | None) -> SameTraining | None:
    return None if check is None else replace(check, effect=_effect(check.effect))
