"""Of too few runs for a verdict: no p, and an interval as wide as so few runs make it."""

import pytest
from scipy import stats

from orchestrator.compare.comparison import Exploratory
from orchestrator.compare.few_runs import exploratory_of_few, said_of_few
from orchestrator.compare.statistics.estimates import Estimate, t_estimate
from orchestrator.compare.statistics.spread import f_interval


def over_items(*n: int, df: float = 40.0, confidence: float = 0.95) -> Estimate:
    return t_estimate(1.0, 0.5, df, n, "seeds × items", confidence)


@pytest.mark.parametrize("n", [(5,), (5, 9)])
def test_of_runs_enough_for_a_verdict_all_is_said(n: tuple[int, ...]) -> None:
    found = over_items(*n)
    assert said_of_few(found) is found
    assert found.p is not None
    shown = Exploratory("test_nll", found, found)
    assert exploratory_of_few(shown) == shown


@pytest.mark.parametrize(("n", "df"), [((3,), 2), ((4,), 3), ((3, 9), 2), ((9, 4), 3)])
@pytest.mark.parametrize("confidence", [0.95, 0.9])
def test_of_three_or_four_the_interval_has_one_degree_of_freedom_less_than_there_are(
    n: tuple[int, ...], df: int, confidence: float
) -> None:
    found = said_of_few(over_items(*n, confidence=confidence))
    reach = 0.5 * stats.t.isf((1 - confidence) / 2, df)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == (pytest.approx(1 - reach), pytest.approx(1 + reach))
    assert (found.interval.confidence, found.df) == (pytest.approx(confidence), df)
    assert (found.estimate, found.p, found.statistic) == (1.0, None, None)


def test_an_interval_that_had_fewer_degrees_of_freedom_keeps_them() -> None:
    assert said_of_few(over_items(4, 4, df=1.5)).df == 1.5


@pytest.mark.parametrize("n", [(2,), (2, 9), (9, 2)])
def test_of_two_there_is_the_number_alone(n: tuple[int, ...]) -> None:
    found = said_of_few(over_items(*n))
    assert (found.estimate, found.interval, found.p, found.statistic) == (1.0, None, None, None)


def test_an_interval_that_is_not_of_t_stays_as_it_is() -> None:
    whole = f_interval([1.0, 2.0, 4.0], [1.0, 5.0, 2.0])
    assert whole is not None
    found = said_of_few(whole)
    assert (found.interval, found.p, found.statistic) == (whole.interval, None, None)
    assert whole.p is not None


def test_a_metric_that_does_not_decide_has_no_p_of_few_runs_either() -> None:
    shown = exploratory_of_few(Exploratory("test_nll", over_items(4), over_items(4)))
    assert (shown.fixed_items.p, shown.over_items and shown.over_items.p) == (None, None)
    assert exploratory_of_few(Exploratory("test_nll", over_items(4), None)).over_items is None
