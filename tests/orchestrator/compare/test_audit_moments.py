"""An audit of more sets than can be gone through: what mean, sd and n alone leave open."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import f, ttest_ind_from_stats

from orchestrator.compare.audit import Audit, Printed, PrintedArm, PrintedTable, Statistic, TableError, audit, words
from orchestrator.compare.audit.agreement import MOST_SETS
from orchestrator.compare.audit.moments import Moments, ranges_by_moments
from orchestrator.compare.audit.pair_numbers import Range
from orchestrator.report.audit_table import rows

COMMON = ({"mean": "93.2", "sd": "0.3"}, {"mean": "92.8", "sd": "0.4"})
"""As papers print most."""


def table(a: dict[str, str], b: dict[str, str], n: int = 5, items: int = 10_000) -> PrintedTable:
    arms = (
        PrintedArm(name, n, {Statistic(key): Printed.read(text) for key, text in numbers.items()})
        for name, numbers in zip("ab", (a, b), strict=True)
    )
    return PrintedTable.of((next(arms), next(arms)), items, None)


@pytest.fixture(scope="module")
def common() -> Audit:
    return audit(table(*COMMON))


def test_ranges_reach_as_far_as_the_rounded_numbers_do_and_no_further(common: Audit) -> None:
    """Scipy's tests of 4,000 pairs of means and deviations that round to what is printed, and of the corners."""
    rng, found = np.random.default_rng(1), common.widest.ranges
    corners = np.array(list(product((-1, 1), repeat=4)))
    off = 0.05 * np.concatenate([np.tile(corners, (4, 1)), rng.uniform(-1, 1, (4000, 4))]).T
    by_n = (5 / 4) ** (0.5 * rng.integers(2, size=(2, off.shape[1])))
    means, sds = np.array([[93.2], [92.8]]) + off[:2], (np.array([[0.3], [0.4]]) + off[2:]) * by_n
    p = ttest_ind_from_stats(means[0], sds[0], 5, means[1], sds[1], 5, equal_var=False).pvalue
    ratio = (sds[0] / sds[1]) ** 2
    f_p = 2 * np.minimum(f.cdf(ratio, 4, 4), f.sf(ratio, 4, 4))
    for name, drawn in (("welch_p", p), ("f_p", f_p)):
        known = found[name]
        assert known is not None
        assert known.low - 1e-12 <= min(drawn)
        assert max(drawn) <= known.high + 1e-12
        assert (known.low, known.high) == (pytest.approx(min(drawn), abs=0.01), pytest.approx(max(drawn), abs=0.03))


def test_what_sets_that_can_be_gone_through_leave_open_lies_within_what_their_moments_do() -> None:
    whole = audit(table({"mean": "81", "sd": "2"}, {"mean": "61", "sd": "3"}, n=4, items=100)).widest
    of_arms = [Moments(4, mean, (sd,)) for mean, sd in zip(whole.means, whole.sds, strict=True) if mean and sd]
    by_moments = ranges_by_moments(*of_arms)
    for name in ("difference", "interval_low", "interval_high", "welch_p", "sd_ratio", "f_p", "standardised"):
        narrow, wide = whole.ranges[name], by_moments[name]
        assert narrow is not None
        assert wide is not None
        assert wide.low - 1e-9 <= narrow.low <= narrow.high <= wide.high + 1e-9, name


def test_a_difference_that_may_be_none_has_a_p_of_one() -> None:
    """Where 0 lies within the rounding, and at none of its ends."""
    sd = (Range(0.2, 0.3),)
    found = ranges_by_moments(Moments(5, Range(80.0, 80.4), sd), Moments(5, Range(80.3, 80.9), sd))
    assert found["welch_p"] is not None
    assert found["welch_p"].high == 1


def test_tests_that_need_the_runs_are_said_to_be_not_computed(common: Audit) -> None:
    cells = {name: cells for name, *cells in rows(common)}
    for name in ("permutation p (of Welch's t)", "Mann–Whitney p", "Brown–Forsythe's p"):
        assert cells[name] == ["not computed"]
    assert cells["sets of a"] == ["too many"]
    assert "pairs of sets" not in cells
    said = words.agreeing(common.widest, common.table)
    assert "agree with what is printed of a and of b are too many" in said
    assert "Permutation, Mann–Whitney and Brown–Forsythe need the runs, and are not computed" in said
    means, spread = common.findings[-1]
    assert means.sentence.startswith(
        "NOT DECIDED: whether the means differ. Welch's p is 0.034 to 0.325, depending on the digits that were "
        "rounded off. a − b is +0.30 to +0.50 points;"
    )
    assert spread.kind == "NOT DECIDED"
    assert "Brown–Forsythe's test, which would decide, needs the runs. By the F test" in spread.sentence
    plain = common.as_json()["readings"][-1]
    assert (plain["by_moments"], plain["sets"], plain["pairs"]) == (True, [None, None], None)


def test_means_that_lie_far_apart_are_shown_to_differ_without_the_runs() -> None:
    means, _ = audit(table(COMMON[0], {"mean": "90.0", "sd": "0.4"})).findings[-1]
    assert means.sentence.startswith("SHOWN: a has the higher mean. Welch's p is <0.001 throughout.")


def test_of_one_arm_the_sets_may_do() -> None:
    """The other's are too many; its own are fewer than its mean and sd would leave."""
    narrow = {"min": "92.80", "mean": "92.81", "max": "92.82", "sd": "0.01"}
    found = audit(table(COMMON[0], narrow)).widest
    assert found.sets[0] is None
    assert found.sets[1]
    assert found.sets[1] < MOST_SETS
    assert found.by_moments
    assert found.sds[1] is not None
    assert found.sds[1].high < 0.011


def test_an_arm_that_contradicts_itself_is_told_beside_one_of_too_many_sets() -> None:
    found = audit(table(COMMON[0], {"min": "92.80", "mean": "93.90", "max": "93.00"}))
    assert [c.arm for c in found.contradictions] == ["b"]
    assert found.findings[-1] == ()


def test_without_mean_and_sd_too_many_sets_are_refused_and_both_are_asked_for() -> None:
    with pytest.raises(TableError, match=r"a: more than 1,000,000 sets of 12 .* give its mean and sd, from which"):
        audit(table({"min": "10.0", "mean": "50.0", "max": "90.0"}, COMMON[1], n=12, items=1000))
