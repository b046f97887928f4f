"""What compare said, held against what is true."""

import math
from collections.abc import Iterator, Sequence

from benchmarks.validity.tally import Asked, Question
from benchmarks.validity.worlds import Truth
from orchestrator.compare.comparison import PairComparison, Verdict
from orchestrator.compare.statistics.estimates import Estimate
from orchestrator.compare.statistics.steadier import FEWEST_FOR_SPREAD

AT_ONCE = "intervals in the verdicts, all at once"
BETTER = Question(Asked.FALSE_ALARM, "BETTER")
STEADIER = Question(Asked.FALSE_ALARM, "STEADIER")
EITHER = Question(Asked.FALSE_ALARM, "BETTER or STEADIER")
FOUND_STEADIER = Question(Asked.POWER, "STEADIER")
EQUIVALENT = Question(Asked.FALSE_ALARM, "EQUIVALENT")

Answers = Iterator[tuple[Question, bool]]


def of_intervals(pair: PairComparison, truth: Truth) -> Answers:
    """Whether each interval of a pair holds what it is of; an interval that is not given is not asked."""
    numbers = pair.numbers
    assert numbers is not None
    fixed = [numbers.fixed_items, numbers.beside]
    for estimate in fixed:
        yield from _covers(estimate, truth.difference_on_these_items)
    if numbers.rests_on not in fixed:
        yield from _covers(numbers.rests_on, truth.difference)
    yield from _covers(numbers.sd_ratio, truth.sd_ratio)
    yield from _covers(numbers.wins, truth.wins)


def of_verdicts(pairs: Sequence[PairComparison], truths: Sequence[Truth], margin: float | None) -> Answers:
    """Whether any verdict of a family is false, and whether all intervals in them hold. With a margin, at which the
    arms then differ: about EQUIVALENT alone."""
    said = list(zip(pairs, truths, strict=True))
    if margin is not None:
        yield EQUIVALENT, any(_falsely_equivalent(verdict, truth, margin) for verdict, truth in _each(said))
        return
    better_falsely = any(falsely_better(verdict, truth) for verdict, truth in _each(said))
    falsely_steadier = any(_falsely_steadier(verdict, truth) for verdict, truth in _each(said))
    if any(truth.difference == 0 for truth in truths):
        yield BETTER, better_falsely
    if any(_is_one(truth.sd_ratio) for truth in truths) and min(pairs[0].n) >= FEWEST_FOR_SPREAD:
        yield STEADIER, falsely_steadier
        yield EITHER, better_falsely or falsely_steadier
    if len(truths) == 1 and not _is_one(truths[0].sd_ratio or 1) and min(pairs[0].n) >= FEWEST_FOR_SPREAD:
        yield FOUND_STEADIER, any(v.kind == "STEADIER" for v, _ in _each(said)) and not falsely_steadier
    yield (
        Question(Asked.COVERAGE, AT_ONCE),
        all(
            truth.difference in verdict.interval
            for verdict, truth in _each(said)
            if verdict.kind in ("BETTER", "NOT SETTLED") and verdict.interval is not None
        ),
    )


def _each(said: Sequence[tuple[PairComparison, Truth]]) -> Iterator[tuple[Verdict, Truth]]:
    for pair, truth in said:
        for verdict in pair.verdicts:
            yield verdict, truth


def _covers(estimate: Estimate | None, truth: float | None) -> Answers:
    if estimate is not None and truth is not None and estimate.interval is not None:
        yield Question(Asked.COVERAGE, estimate.method), truth in estimate.interval


def falsely_better(verdict: Verdict, truth: Truth) -> bool:
    if verdict.kind != "BETTER":
        return False
    assert verdict.interval is not None
    arm_leads = verdict.interval.low >= 0
    return truth.difference <= 0 if arm_leads else truth.difference >= 0


def _falsely_steadier(verdict: Verdict, truth: Truth) -> bool:
    if verdict.kind != "STEADIER" or truth.sd_ratio is None:
        return False
    assert verdict.interval is not None
    arm_is_steadier = verdict.interval.high <= 1
    return _is_one(truth.sd_ratio) or (truth.sd_ratio > 1) == arm_is_steadier


def _falsely_equivalent(verdict: Verdict, truth: Truth, margin: float) -> bool:
    return verdict.kind == "EQUIVALENT" and abs(truth.difference) >= margin


def _is_one(ratio: float | None) -> bool:
    return ratio is not None and math.isclose(ratio, 1)
