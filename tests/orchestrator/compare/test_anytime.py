"""Evidence that may be looked at again and again."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known import BCE, CE, DRUG_1, DRUG_2
from scipy import integrate, stats

from orchestrator.compare.judged import AnytimeDifference
from orchestrator.compare.statistics.anytime import (
    SeedEvidence,
    anytime,
    anytime_interval,
    paired_evidence,
    two_sample_evidence,
)
from orchestrator.compare.statistics.differences import paired_t


def test_known_evidence() -> None:
    assert paired_evidence(DRUG_1, DRUG_2).e == pytest.approx(25.475138, abs=5e-7)
    assert two_sample_evidence(BCE, CE).e == pytest.approx(0.599638, abs=5e-7)


def test_evidence_is_the_mixture_of_noncentral_t_over_a_normal_effect() -> None:
    """The definition, by quadrature: with the scale integrated out, what is left is the law of t."""
    n, t = 8, 2.5
    density = lambda g: stats.nct.pdf(t, n - 1, math.sqrt(n) * g) * stats.norm.pdf(g)  # noqa: E731
    mixture = integrate.quad(density, -8, 8)[0]
    evidence = SeedEvidence(t, 1.0, n - 1, n, (n,), "")
    assert evidence.e == pytest.approx(mixture / stats.t.pdf(t, n - 1), rel=1e-6)


evidences = st.builds(
    lambda t, n: SeedEvidence(t, 1.0, n - 1, n, (n,), "anytime-valid t"), st.floats(-9, 9), st.integers(5, 200)
)


@given(evidences, st.sampled_from([0.1, 0.05, 0.01]))
def test_the_interval_leaves_0_out_exactly_where_the_evidence_is_enough(found: SeedEvidence, level: float) -> None:
    e = found.e
    assert e is not None
    if abs(e * level - 1) > 1e-6:
        assert (0 in anytime_interval(found, None, 1 - level)) == (e < 1 / level)
    estimate = anytime(found)
    assert estimate.p == pytest.approx(min(1, 1 / e), rel=1e-6)


@given(evidences, st.floats(0.01, 4))
def test_with_items_the_p_is_the_level_at_which_the_interval_ends_at_0(found: SeedEvidence, items: float) -> None:
    estimate, bare = anytime(found, items), anytime(found)
    assert estimate.p is not None
    assert bare.p is not None
    assert estimate.p >= bare.p * (1 - 1e-9)
    if 1e-100 < estimate.p < 1:
        ends = anytime_interval(found, items, 1 - estimate.p) if estimate.p > 1e-12 else None
        if ends is not None:
            assert min(abs(ends.low), abs(ends.high)) == pytest.approx(0, abs=1e-3)


def test_seeds_and_items_have_half_of_the_level_each() -> None:
    """Also where the items' part is estimated as 0 at this look, for it may not be at the next."""
    found = paired_evidence(DRUG_2, DRUG_1)
    for items in (0.0, 0.3):
        interval = anytime_interval(found, items, 0.95)
        reach = found.reach(0.025) + stats.norm.isf(0.0125) * math.sqrt(items)
        assert interval.high - interval.low == pytest.approx(2 * reach)
        assert anytime(found, items).method.endswith("seeds × items")


@given(evidences, st.floats(0.5, 20), st.sampled_from([None, 0.3]))
def test_within_the_margin_is_shown_where_the_interval_with_the_level_on_each_side_lies_inside(
    found: SeedEvidence, distance: float, items: float | None
) -> None:
    """Two one-sided tests: each has the level, the interval that both are read from twice of it."""
    margin = abs(found.estimate) + distance
    judged = AnytimeDifference(found, items)
    p = judged.equivalence_p(margin)
    assert p is not None
    assert p <= 0.5
    assert judged.equivalence_p(abs(found.estimate)) == 1
    for level in (0.05, 0.0025):
        if abs(p / level - 1) > 1e-6:
            interval = judged.interval_at(1 - 2 * level)
            assert interval is not None
            assert interval.inside(margin) == (p < level)
    if items is None and p < 0.5:
        e = replace(found, estimate=distance).e
        assert e is not None
        assert p == pytest.approx(1 / (2 * e), rel=1e-6)


def test_three_runs_exclude_nothing_at_that_level() -> None:
    interval = anytime(paired_evidence([1.0, 1.1, 1.2], [0.0, 0.0, 0.0])).interval
    assert interval is not None
    assert (interval.low, interval.high) == (-math.inf, math.inf)


def test_without_variance_there_is_no_evidence() -> None:
    found = paired_evidence(DRUG_1, DRUG_1 + 1)
    assert found.e is None
    assert (anytime(found).interval, anytime(found).p) == (None, None)
    judged = AnytimeDifference(found, None)
    assert (judged.interval_at(0.95), judged.equivalence_p(4.0)) == (None, None)


def test_looking_after_every_seed_keeps_the_level_which_the_t_test_does_not() -> None:
    """A sweep that grows to 5, 10, 20, 50, 100 pairs of equal arms."""
    rng, repetitions = np.random.default_rng(0), 600
    t_alarms = e_alarms = every = 0
    for _ in range(repetitions):
        differences, zero = rng.standard_normal(100), np.zeros(100)
        looks = [(differences[:n], zero[:n]) for n in (5, 10, 20, 50, 100)]
        t_alarms += any((paired_t(*look).p or 1) < 0.05 for look in looks)
        e_alarms += any((paired_evidence(*look).e or 0) >= 20 for look in looks)
        every += any((paired_evidence(differences[:n], zero[:n]).e or 0) >= 20 for n in range(3, 101, 2))
    # The t test: .177 in a longer simulation, here with a standard error of .016.
    assert 0.13 < t_alarms / repetitions < 0.23
    assert e_alarms / repetitions <= 0.04
    assert every / repetitions <= 0.05


def test_of_as_many_runs_of_each_arm_the_variance_is_pooled_and_of_others_it_is_each_arms_own() -> None:
    for a, b, is_pooled in ((BCE, CE, True), (BCE[:3], CE, False), (BCE, DRUG_1, False)):
        oracle, found = stats.ttest_ind(a, b, equal_var=is_pooled), two_sample_evidence(a, b)
        assert found.estimate / found.se == pytest.approx(oracle.statistic)
        assert found.df == pytest.approx(oracle.df)
        assert found.effective_n == len(a) * len(b) / (len(a) + len(b))


def test_few_runs_of_a_wide_arm_beside_many_of_a_steady_one_keep_the_level() -> None:
    """Looked at three times; by a pooled variance there are 25 alarms in 100."""
    rng, repetitions, alarms = np.random.default_rng(2), 400, 0
    for _ in range(repetitions):
        a, b = rng.normal(0, 3, 20), rng.normal(0, 1, 100)
        alarms += any((two_sample_evidence(a[:n], b[: 5 * n]).e or 0) >= 20 for n in (5, 10, 20))
    assert alarms / repetitions <= 0.04


def test_a_large_effect_is_found_early() -> None:
    rng, found = np.random.default_rng(1), []
    for _ in range(150):
        a, b = rng.normal(1, 1, 50), rng.normal(0, 1, 50)
        found.append(next((n for n in range(3, 51) if (two_sample_evidence(a[:n], b[:n]).e or 0) >= 20), None))
    seen = [n for n in found if n is not None]
    assert len(seen) / len(found) > 0.93
    assert np.mean(seen) == pytest.approx(20.6, abs=3)


@given(st.integers(0, 1000), st.floats(0.1, 10))
def test_evidence_knows_no_unit_and_no_order(number: int, scale: float) -> None:
    rng = np.random.default_rng(number)
    a, b = rng.normal(size=7), rng.normal(size=7)
    for method in (paired_evidence, two_sample_evidence):
        e = method(a, b).e
        assert method(b, a).e == pytest.approx(e)
        assert method(scale * a - 2, scale * b - 2).e == pytest.approx(e)


@pytest.mark.parametrize("items", [None, 0.04])
def test_the_interval_is_that_of_the_formula(items: float | None) -> None:
    """Ten pairs, τ² = 1: t*² = 9 (K − 1) / (1 − K / 11), K = (√11 / α)^(2 / 10); half of α is for items."""
    evidence, alpha = paired_evidence(DRUG_1, DRUG_2), 0.05 if items is None else 0.025
    k = (math.sqrt(11) / alpha) ** 0.2
    reach = evidence.se * math.sqrt(9 * (k - 1) / (1 - k / 11))
    if items is not None:
        reach += stats.norm.isf(0.025 / 2) * math.sqrt(items)
    for found in (anytime(evidence, items), AnytimeDifference(evidence, items).estimate):
        assert found.interval is not None
        assert (found.interval.low, found.interval.high) == pytest.approx((-1.58 - reach, -1.58 + reach))
        assert found.statistic == pytest.approx(-1.58 / math.sqrt(evidence.se**2 + (items or 0.0)))


def test_evidence_beyond_all_bounds_is_a_number_and_small_p_are_its_inverse() -> None:
    far = paired_evidence(np.arange(400) % 7 + 1e6, np.arange(400) % 5)
    assert far.e == math.exp(700)
    near = paired_evidence(np.arange(40) % 7 + 20.0, np.arange(40) % 5)
    assert near.e is not None
    assert near.e > 1e20
    assert (anytime(near).p or 0) * near.e == pytest.approx(1)


def test_pairs_that_differ_by_rounding_only_are_no_evidence() -> None:
    large = 1e6 * np.arange(1, 7)
    assert paired_evidence(large + 0.1, large).e is None
