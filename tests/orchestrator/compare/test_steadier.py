"""When one arm is called steadier than another: where three tests agree."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_runs import FEW, of_values, said, spread_out

from orchestrator.compare import compare
from orchestrator.compare.statistics.spread import brown_forsythe, sd_ratio
from orchestrator.compare.statistics.steadier import _resampled, _statistics, resampled_p, steadier_test

RNG = np.random.default_rng


def test_steadier_and_spread_not_settled() -> None:
    wide, narrow = spread_out(15, 0.86, 0.02), spread_out(15, 0.86, 0.002, number=1)
    for arms in ({"wide": wide, "narrow": narrow}, {"narrow": narrow, "wide": wide}):
        sentences = said(of_values(arms))
        assert sentences[0].startswith("NOT SETTLED: difference 0.00 points (")
        assert re.fullmatch(
            r"STEADIER: narrow varies less than wide: sd 0\.20 vs 2\.00, ratio 0\.10 \(95% CI 0\.0\d to 0\.\d\d; "
            r"Holm p=\S+; n=15/15 seeds\)\. Shown on reviews with bag, 4 epochs\.",
            sentences[1],
        )
    alike = said(of_values({"wide": wide, "other": spread_out(15, 0.86, 0.016, number=2)}))
    assert re.fullmatch(
        r"SPREAD NOT SETTLED: sd 1\.60 vs 2\.00, ratio 0\.80 \(95% CI 0\.\d\d to 1\.\d\d\)\.", alike[1]
    )


def test_the_steadier_arm_is_the_one_of_the_smaller_deviation_and_its_runs_are_named_first() -> None:
    arms = {"wide": spread_out(12, 0.86, 0.02), "narrow": spread_out(15, 0.86, 0.002, number=1)}
    for order in (arms, dict(reversed(arms.items()))):
        (pair,) = compare(of_values(order)).pairs
        verdict = pair.verdicts[1]
        assert (verdict.kind, verdict.winner) == ("STEADIER", "narrow")
        assert "; n=15/12 seeds)" in verdict.sentence
        assert verdict.interval is not None
        assert (verdict.interval.high < 1, verdict.interval.low > 1) == (pair.arm == "narrow", pair.arm == "wide")


def test_a_p_between_the_looks_share_and_the_level_shows_no_arm_to_be_steadier() -> None:
    wide, narrow = spread_out(15, 0.86, 0.01), spread_out(15, 0.86, 0.003625, number=1)
    (pair,) = compare(of_values({"wide": wide, "narrow": narrow})).pairs
    verdict = pair.verdicts[1]
    assert (verdict.kind, verdict.p) == ("SPREAD NOT SETTLED", pytest.approx(0.048))
    assert verdict.interval is not None
    assert 1 in verdict.interval
    assert pair.notes[0].startswith("STEADIER is withheld: its p of 0.048 is not under 0.045, this look's share")


def unlike(number: int, n: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Of one standard deviation: normal runs, and runs with a long tail."""
    rng = RNG(number)
    return rng.standard_normal(n), 1 - rng.standard_exponential(n)


def test_the_deviations_must_show_it_too() -> None:
    """Distances from the median are found unequal, and deviations are not."""
    normal, long_tailed = unlike(180)
    (pair,) = compare(of_values({"long-tailed": long_tailed / 100, "normal": normal / 100})).pairs
    assert pair.numbers is not None
    assert pair.numbers.steadier is not None
    assert pair.numbers.brown_forsythe.p == pytest.approx(0.0135, abs=1e-4)
    assert pair.numbers.steadier.p == pair.numbers.steadier.bonett == pytest.approx(0.0506, abs=1e-4)
    spread = pair.verdicts[1]
    assert spread.kind == "SPREAD NOT SETTLED"
    assert spread.interval is not None
    assert 1 in spread.interval


def test_arms_that_look_as_far_apart_by_their_shapes_alone_are_not_told_apart() -> None:
    """Both older tests see a difference; two such shapes, equally wide, often look like that."""
    found = steadier_test(*unlike(175, 20), RNG(0))
    assert found is not None
    assert max(found.brown_forsythe, found.bonett) < 0.025
    assert found.resampled is not None
    assert found.p == found.resampled > 0.045


@pytest.mark.parametrize(("wider", "shown"), [(1.0, False), (6.0, True)])
def test_normal_runs_are_told_apart_by_their_spread(wider: float, shown: bool) -> None:
    rng = RNG(2)
    found = steadier_test(rng.standard_normal(15), wider * rng.standard_normal(15), RNG(0))
    assert found is not None
    assert (found.p < 0.01) == shown


def test_the_p_is_the_largest_and_resampling_is_spared_where_it_could_change_nothing() -> None:
    rng = RNG(5)
    wide, narrow = 4 * rng.standard_normal(15), rng.standard_normal(15)
    found = steadier_test(wide, narrow, RNG(0))
    assert found is not None
    ratio, again = sd_ratio(wide, narrow), 2 * resampled_p(wide, narrow, RNG(0))
    assert ratio is not None
    assert (found.brown_forsythe, found.bonett, found.resampled) == (brown_forsythe(wide, narrow).p, ratio.p, again)
    assert found.p == max(found.brown_forsythe, found.bonett, again)
    alike = steadier_test(narrow, narrow[::-1] + 1, RNG(0))
    assert alike is not None
    assert alike.resampled is None


def test_tests_that_point_different_ways_show_nothing() -> None:
    """One run far out makes the deviation large, while the others lie near their median."""
    near = np.concatenate([0.01 * np.arange(29), [100.0]])
    even = np.concatenate([np.full(15, -9.0), np.full(15, 9.0)])
    assert np.abs(near - np.median(near)).mean() < np.abs(even - np.median(even)).mean()
    assert near.std() > even.std()
    found = steadier_test(near, even, RNG(0))
    assert found is not None
    assert found.p == 1


def test_one_of_the_two_statistics_is_brown_forsythes_with_its_sign() -> None:
    a, b = unlike(3)
    (distance,), _ = _statistics(a[None], b[None])
    (turned,), _ = _statistics(b[None], a[None])
    assert distance**2 == pytest.approx(brown_forsythe(a, b).statistic)
    assert turned == -distance


def test_distances_that_show_less_than_deviations_decide() -> None:
    rng = RNG(0)
    found = steadier_test(rng.standard_normal(12), 1.6 * rng.standard_normal(12), RNG(0))
    assert found is not None
    assert found.p == found.brown_forsythe > found.bonett


def test_no_resampled_p_is_under_that_of_4000_draws_doubled() -> None:
    """2 in 4,000, times 2 for unseen tails: enough for the 42 tests of all pairs of 7 arms."""
    found = steadier_test(spread_out(40, 0.0, 1.0), spread_out(40, 0.0, 0.01, 1), RNG(0))
    assert found is not None
    assert found.p == found.resampled == 0.001
    assert 42 * found.p < 0.045


def test_the_resampled_p_is_by_the_statistic_that_shows_it_less() -> None:
    a, b = unlike(3)
    rng = RNG(1)
    drawn = _statistics(*(_resampled(sample, rng, 199) for sample in (a, b)))
    seen = _statistics(a[None], b[None])
    beyond = [int((np.sign(s) * d >= abs(s)).sum()) for (s,), d in zip(seen, drawn, strict=True)]
    assert beyond[0] != beyond[1]
    assert resampled_p(a, b, RNG(1), 199) == min(1.0, 2 * (1 + max(beyond)) / 200)


@settings(max_examples=20)
@given(st.floats(0.1, 10), st.integers(-50, 50), st.integers(0, 100))
def test_the_resampled_test_knows_no_unit_and_no_order(scale: float, shift: int, number: int) -> None:
    a, b = unlike(number)
    first = resampled_p(a, b, RNG(1), 199)
    assert resampled_p(scale * a + shift, scale * b - shift, RNG(1), 199) == pytest.approx(first, abs=0.011)
    assert resampled_p(a, b, RNG(1), 199) == first
    # Turned round, other draws fall to each.
    assert resampled_p(b, a, RNG(1), 1999) == pytest.approx(resampled_p(a, b, RNG(1), 1999), abs=0.08)


def test_runs_that_are_nearly_all_the_same_are_no_error() -> None:
    """Many resamples then have no variance."""
    ties = np.array([0.0] * 11 + [1.0])
    assert 0 < resampled_p(ties, unlike(0)[0], RNG(0)) <= 1
    assert steadier_test(np.zeros(12), ties, RNG(0)) is None


def test_spread_is_judged_from_ten_runs_on() -> None:
    nine, ten = (of_values({"a": spread_out(n, 0.8, 0.01), "b": spread_out(n, 0.8, 0.011, 1)}) for n in (9, 10))
    (few,), (enough,) = compare(nine).pairs, compare(ten).pairs
    assert [verdict.kind for verdict in enough.verdicts] == ["NOT SETTLED", "SPREAD NOT SETTLED"]
    location, spread = few.verdicts
    assert (location.kind, spread.kind, spread.p, spread.interval) == ("NOT SETTLED", FEW, None, None)
    assert spread.sentence == (
        "NOT ENOUGH RUNS for a verdict on spread: 9 pairs; it needs 10 of each arm in a fresh sweep."
    )
    assert (few.notes, enough.notes) == ((), ())


def test_of_runs_that_all_end_at_one_value_it_is_said_why_there_is_no_ratio() -> None:
    apart = {"a": spread_out(10, 0.8, 0.01), "b": [0.1 + 0.7] * 5 + [0.8] * 5}
    for arms in (apart, dict(reversed(apart.items()))):
        (pair,) = compare(of_values(arms)).pairs
        assert [verdict.kind for verdict in pair.verdicts] == ["NOT SETTLED"]
        assert pair.notes == ("No verdict on spread: all runs of b end at one value, and there is no ratio to it.",)
    (pair,) = compare(of_values({"a": [0.8] * 10, "b": [0.9] * 10})).pairs
    assert pair.notes[-1].startswith("No verdict on spread: all runs of b and all of a end at one value")
