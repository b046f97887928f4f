"""Each number of a comparison is of the runs and the arm that it is said to be of."""

import numpy as np
import pytest
from made_up_runs import EASE, of_items, of_values, predicted, runs, spread_out

from orchestrator.compare import Comparison, compare
from orchestrator.compare.statistics import churn
from orchestrator.compare.statistics.calibration import null_calibration
from orchestrator.compare.statistics.multiplicity import holm
from orchestrator.results import ResultTable

RNG = np.random.default_rng
OF_SPREAD = ("STEADIER", "SPREAD NOT SETTLED")


def items_of_seeds(a: range, b: range) -> ResultTable:
    """Two arms of the same law, whose runs get other items right."""
    rng = RNG(5)
    ends = {
        arm: ["new"] * seeds.start + runs(rng, [0.8] * len(seeds), EASE) for arm, seeds in {"a": a, "b": b}.items()
    }
    table = of_items(ends)
    frame = table.frame[table.frame["status"] == "finished"]
    vars(table)["frame"] = frame
    table.plan["cells"] = [c for c in table.plan["cells"] if c["key"] in set(frame["key"])]
    return table


def test_churn_across_arms_leaves_out_pairs_of_one_seed_and_has_all_others() -> None:
    """Runs of one seed are alike beyond what their arms are: within an arm there are no such pairs."""
    (paired,) = compare(items_of_seeds(range(6), range(6))).pairs
    (apart,) = compare(items_of_seeds(range(6), range(6, 13))).pairs
    assert paired.churn is not None
    assert apart.churn is not None
    assert (paired.paired, paired.churn.pairs) == (True, 6 * 5)
    assert (apart.paired, apart.churn.pairs) == (False, 6 * 7)


def test_by_how_much_churn_lies_above_that_of_seeds_is_what_the_three_churns_say() -> None:
    for seeds in (range(6), range(6, 13)):
        comparison = compare(items_of_seeds(range(6), seeds))
        (pair,), arms = comparison.pairs, comparison.arms
        more = pair.churn_beyond_seeds
        assert more is not None
        assert pair.churn is not None
        within = sum(arm.churn.estimate for arm in arms if arm.churn is not None) / 2
        assert more.estimate == pytest.approx(pair.churn.estimate - within)
        assert more.n == ((6,) if pair.paired else (7, 6))


def test_the_difference_of_divergence_and_the_share_of_wins_are_the_first_arms_against_the_second() -> None:
    a, b = [0.50, 0.52, 0.54, 0.56], [0.51, 0.60, 0.61, 0.62]
    (pair,) = compare(
        of_values({"a": [*a, *["diverged"] * 4], "b": [*["diverged"] * 1, *b, 0.63, 0.64, 0.65]})
    ).pairs
    assert pair.divergence is not None
    assert (pair.arm, pair.versus) == ("b", "a")
    assert (pair.divergence.estimate, pair.divergence.n) == (pytest.approx(1 / 8 - 4 / 8), (8, 8))
    (pair,) = compare(of_values({"a": a, "b": b})).pairs
    assert pair.numbers is not None
    assert pair.numbers.wins.estimate == (1 + 4 + 4 + 4) / 16


def test_an_arms_calibration_error_stands_beside_the_null_level_of_its_own_confidences() -> None:
    rng, confidence = RNG(5), {"sure": 0.8, "certain": 0.999}
    ends = {arm: runs(rng, [0.8] * 3, EASE) for arm in confidence}
    table = of_items(ends)
    table.frame["test_ece"] = [0.01, 0.02, 0.03, 0.11, 0.12, 0.13]
    vars(table)["cell_predictions"] = lambda part: (
        (arm, seed, predicted(correct_N, 100 * (confidence[arm] - 0.8), seed, varies=False))
        for arm, of in ends.items()
        for seed, correct_N in enumerate(of)
    )
    found = compare(table).arms
    assert [arm.ece for arm in found] == [pytest.approx(0.02), pytest.approx(0.12)]
    for arm in found:
        by_hand = null_calibration(np.full(400, confidence[arm.arm]), RNG(1))
        assert arm.ece_when_calibrated is not None
        assert arm.ece_when_calibrated.estimate == pytest.approx(by_hand.estimate, rel=0.2)
        assert arm.reliability is not None
        assert arm.reliability.confidence == pytest.approx(confidence[arm.arm], abs=0.001)
    without = compare(of_values({"a": [0.5, 0.6], "b": [0.5, 0.6]})).arms
    assert [(arm.ece, arm.ece_when_calibrated) for arm in without] == [(None, None)] * 2


def wide_and_narrow(stalled: bool) -> Comparison:
    """b varies much more than a, and c less so, of whose runs one may have stalled."""
    rng = RNG(9)
    narrow, wide, other = (
        np.clip(spread_out(14, 0.8, sd, number), 0, 1) for number, sd in enumerate((0.002, 0.05, 0.03))
    )
    table = of_items(
        {name: runs(rng, list(ends), EASE) for name, ends in zip("abc", (narrow, wide, other), strict=True)}
    )
    if stalled:
        predictions = table.cell_predictions
        half = np.arange(400) % 4 < 2

        def with_stalled(part: str):  # type: ignore[no-untyped-def]
            for arm, seed, frame in predictions(part):
                if (arm, seed) == ("c", 3):
                    right = frame["log_probability_1"] > frame["log_probability_0"]
                    swap = half & ((right == 1) == (frame["label"] == 1))
                    zero, one = frame["log_probability_0"].copy(), frame["log_probability_1"].copy()
                    frame = frame.assign(
                        log_probability_0=np.where(swap, one, zero), log_probability_1=np.where(swap, zero, one)
                    )
                yield arm, seed, frame

        vars(table)["cell_predictions"] = with_stalled
    return compare(table)


def test_a_pair_with_a_stalled_run_leaves_the_family_of_spreads() -> None:
    whole, with_stalled = wide_and_narrow(stalled=False), wide_and_narrow(stalled=True)
    assert [arm.stalled for arm in with_stalled.arms] == [0, 0, 1]
    for comparison, spreads in ((whole, (0, 1)), (with_stalled, (0,))):
        numbers = [pair.numbers for pair in comparison.pairs]
        ps = [found.rests_on.p for found in numbers if found is not None]
        ps += [found.steadier.p for found in numbers if found is not None and found.steadier is not None]
        assert len(ps) == 4
        family = holm([p for place, p in enumerate(ps) if place < 2 or place - 2 in spreads])  # type: ignore[misc]
        said = [
            v.p for pair in comparison.pairs for v in pair.verdicts if v.kind in ("STEADIER", "SPREAD NOT SETTLED")
        ]
        assert said == pytest.approx(list(family[2:]))
        intervals = [note for note in comparison.notes if "at once" in note]
        assert ("all 2 pairs" in intervals[0]) == (len(spreads) == 2)


def test_churn_that_is_the_same_without_any_seed_has_no_interval() -> None:
    """Twins, whose runs are the same to the last bit."""
    predicted = RNG(0).integers(0, 2, (6, 50))
    found = churn.beyond_seeds(predicted, predicted.copy(), same_seed=True)
    assert found is not None
    assert (found.estimate, found.interval, found.p) == (pytest.approx(0, abs=1e-12), None, None)
    assert churn.beyond_seeds(predicted[:2], predicted[:2], same_seed=True) is None


@pytest.mark.parametrize(("of_a", "of_b", "same_seed"), [(5, 5, True), (5, 4, False), (4, 6, False)])
def test_the_luck_in_excess_churn_is_that_of_leaving_out_a_seed_at_a_time(
    of_a: int, of_b: int, same_seed: bool
) -> None:
    rng = RNG(2)
    a, b = rng.integers(0, 3, (of_a, 40)), rng.integers(0, 3, (of_b, 40))

    def by_hand(a: np.ndarray, b: np.ndarray) -> float:
        within = [found.estimate for arm in (a, b) if (found := churn.within(arm)) is not None]
        across = churn.across(a, b, same_seed)
        assert across is not None
        return across.estimate - sum(within) / 2

    found = churn.beyond_seeds(a, b, same_seed)
    assert found is not None
    assert found.se is not None
    whole = by_hand(a, b)

    def variance(without: list[float]) -> float:
        return (len(without) - 1) / len(without) * ((np.array(without) - np.mean(without)) ** 2).sum()

    if same_seed:
        total = variance([by_hand(np.delete(a, s, 0), np.delete(b, s, 0)) for s in range(of_a)])
    else:
        total = variance([by_hand(np.delete(a, s, 0), b) for s in range(of_a)])
        total += variance([by_hand(a, np.delete(b, s, 0)) for s in range(of_b)])
    assert (found.estimate, found.se) == (pytest.approx(whole), pytest.approx(total**0.5))
    assert (found.df, found.n) == (min(of_a, of_b) - 1, (of_a,) if same_seed else (of_a, of_b))
