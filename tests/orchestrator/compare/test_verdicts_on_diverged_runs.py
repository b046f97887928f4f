"""What a comparison says where runs diverged or stalled, and what it then does not say."""

import numpy as np
import pytest
from made_up_runs import EASE, of_items, of_values, runs, spread_out
from scipy import stats

from orchestrator.compare import compare
from orchestrator.results import ResultTable

RNG = np.random.default_rng


def separated(n: int, diverged_a: int = 0, diverged_b: int = 0) -> ResultTable:
    """b beats a by far in every finished run."""
    a, b = spread_out(n, 0.5, 0.01), spread_out(n, 0.7, 0.01, 1)
    return of_values(
        {"a": [*a[diverged_a:], *["diverged"] * diverged_a], "b": [*["diverged"] * diverged_b, *b[diverged_b:]]}
    )


def test_a_diverged_run_is_counted_bounded_and_in_no_mean() -> None:
    comparison = compare(separated(20, diverged_a=1))
    (pair,) = comparison.pairs
    first, _ = comparison.arms
    assert (first.n, first.diverged, first.missing) == (19, 1, 0)
    assert first.divergence is not None
    assert first.divergence.estimate == 0.05
    assert pair.n == (19, 19)
    assert pair.worst_case is not None
    low, high = (-(19 * first.mean + end) / 20 + 0.7 for end in (1, 0))  # type: ignore[operator]
    assert (pair.worst_case.low, pair.worst_case.high) == (pytest.approx(low), pytest.approx(high))
    assert pair.verdicts[0].kind == "BETTER"
    assert any(note.startswith("With the diverged runs at either end") for note in pair.notes)
    assert "a: 1 of 20 runs diverged (the loss was no number)." in comparison.notes


@pytest.mark.parametrize(
    ("diverged", "is_better"), [((0, 0), True), ((2, 0), True), ((3, 0), False), ((0, 3), False)]
)
def test_more_than_one_diverged_run_in_ten_forbids_better(diverged: tuple[int, int], is_better: bool) -> None:
    (pair,) = compare(separated(20, *diverged)).pairs
    assert (pair.verdicts[0].kind == "BETTER") == is_better
    if not is_better:
        assert any("BETTER is withheld: 3 of 20 runs" in note for note in pair.notes)


def test_the_interval_beside_a_forbidden_verdict_is_the_computed_one() -> None:
    (pair,) = compare(separated(20, 3, 0)).pairs
    assert pair.numbers is not None
    found = pair.numbers.rests_on.interval
    verdict = pair.verdicts[0]
    assert found is not None
    assert (verdict.kind, verdict.interval) == ("NOT SETTLED", found)
    assert found.low > 0.1
    span = f"{100 * found.low:.2f} to {100 * found.high:.2f}"
    assert verdict.sentence.endswith(f" (95% CI {span}); runs that diverged or stalled forbid to say more.")


def test_a_verdict_that_the_worst_case_would_change_is_not_given() -> None:
    a, b = spread_out(20, 0.5, 0.01), spread_out(20, 0.53, 0.01, 1)
    assert compare(of_values({"a": a, "b": b})).pairs[0].verdicts[0].kind == "BETTER"
    (pair,) = compare(of_values({"a": a, "b": [*b[:19], "diverged"]})).pairs
    assert pair.verdicts[0].kind == "NOT SETTLED"
    assert "would not stand" in pair.notes[0]


def test_the_worst_case_is_judged_as_one_of_the_family_like_the_case_itself() -> None:
    """Of nine pairs and a diverged run there is no test of spread: one pair of arms, then two."""
    a, c = spread_out(10, 0.5, 0.001), spread_out(10, 0.5, 0.001, 1)
    b = [*spread_out(10, 0.778, 0.001, 2)[:9], "diverged"]
    filled = stats.ttest_1samp([*(b[:9] - a[:9]), 0 - a[9]], 0)  # type: ignore[operator]
    assert 0.045 / 2 < filled.pvalue < 0.045
    (alone,) = compare(of_values({"a": a, "b": b})).pairs
    assert alone.verdicts[0].kind == "BETTER"
    beside, _ = compare(of_values({"a": a, "b": b, "c": c})).pairs
    assert beside.verdicts[0].kind == "NOT SETTLED"
    assert "would not stand" in beside.notes[0]


def test_from_ten_pairs_on_the_worst_case_stands_in_one_family_with_the_test_of_spread() -> None:
    a, b = spread_out(11, 0.5, 0.001), [*spread_out(11, 0.7363, 0.001, 2)[:10], "diverged"]
    filled = stats.ttest_1samp([*(b[:10] - a[:10]), 0 - a[10]], 0)  # type: ignore[operator]
    (pair,) = compare(of_values({"a": a, "b": b})).pairs
    assert pair.numbers is not None
    assert pair.numbers.steadier is not None
    assert 0.045 / 2 < filled.pvalue < 0.045 < pair.numbers.steadier.p
    assert pair.verdicts[0].kind == "NOT SETTLED"
    assert "would not stand" in pair.notes[0]


def test_a_worst_case_that_shows_the_other_arm_to_lead_is_none_in_which_the_verdict_stands() -> None:
    """One in ten of each arm diverged, at other seeds: the worst case has as small a p as the case itself."""
    a, b = spread_out(40, 0.5, 0.001), spread_out(40, 0.51, 0.001, 1)
    filled = stats.ttest_1samp([*(b[:32] - a[:32]), *(0 - a[32:36]), *(b[36:] - 1)], 0)  # type: ignore[operator]
    assert filled.statistic < -2.3
    assert filled.pvalue < 0.045 / 2
    (pair,) = compare(
        of_values({"a": [*a[:36], *["diverged"] * 4], "b": [*b[:32], *["diverged"] * 4, *b[36:]]})
    ).pairs
    assert pair.verdicts[0].kind == "NOT SETTLED"
    assert "would not stand" in pair.notes[0]


def test_at_a_later_look_the_worst_case_is_judged_by_the_anytime_test_as_well() -> None:
    """Of 20 pairs |t| must be beyond 4.87 for a level of .0025, and not beyond 3.5 as at a planned look."""
    a, b = spread_out(20, 0.5, 0.001), [*spread_out(20, 0.6667, 0.001, 2)[:19], "diverged"]
    filled = stats.ttest_1samp([*(b[:19] - a[:19]), 0 - a[19]], 0)  # type: ignore[operator]
    assert 3.5 < filled.statistic < 4.86
    assert filled.pvalue < 0.0025
    (pair,) = compare(of_values({"a": a, "b": b}, planned=5, looks=(5,))).pairs
    assert pair.verdicts[0].kind == "NOT SETTLED"
    assert "would not stand" in pair.notes[0]


def alike(n: int, diverged: int, margin: float | None = 2.0) -> ResultTable:
    """Two arms that are the same well within the margin in every finished run."""
    a, b = spread_out(n, 0.8, 0.002), spread_out(n, 0.801, 0.002, 1)
    return of_values({"a": a, "b": [*b[diverged:], *["diverged"] * diverged]}, margin=margin)


@pytest.mark.parametrize(
    ("diverged", "why"),
    [
        (1, "1 of 20 runs of b diverged, and how far from the others they would have ended is not known"),
        (3, "3 of 20 runs of b diverged or stalled, more than 1 in 10"),
    ],
)
def test_diverged_runs_forbid_equivalent_and_it_is_said_why(diverged: int, why: str) -> None:
    assert compare(alike(20, 0)).pairs[0].verdicts[0].kind == "EQUIVALENT"
    (pair,) = compare(alike(20, diverged)).pairs
    verdict = pair.verdicts[0]
    assert verdict.kind == "NOT SETTLED"
    assert verdict.sentence.endswith("); runs that diverged or stalled forbid to say more.")
    assert f"EQUIVALENT is withheld: {why}." in pair.notes
    (pair,) = compare(alike(20, diverged, margin=0.01)).pairs
    assert not any("EQUIVALENT" in note for note in pair.notes)


@pytest.mark.parametrize(("diverged", "withheld"), [(1, []), (3, ["BETTER", "EQUIVALENT"])])
def test_equivalent_is_not_said_to_be_withheld_beside_better(diverged: int, withheld: list[str]) -> None:
    """b is better than a by far, and by less than so wide a margin."""
    a, b = spread_out(20, 0.3, 0.01), spread_out(20, 0.7, 0.01, 1)
    (pair,) = compare(of_values({"a": [*a[diverged:], *["diverged"] * diverged], "b": b}, margin=90.0)).pairs
    assert [note.split(" is withheld")[0] for note in pair.notes if " is withheld" in note] == withheld
    assert (pair.verdicts[0].kind == "BETTER") == (not withheld)
    assert "Smaller than your margin" not in pair.verdicts[0].sentence, "where a run diverged nobody knows"
    (whole,) = compare(of_values({"a": a, "b": b}, margin=90.0)).pairs
    assert "Smaller than your margin" in whole.verdicts[0].sentence


def test_stalled_runs_forbid_equivalent_as_they_forbid_better() -> None:
    rng, stalled = RNG(3), np.arange(400) < 229
    arms = {
        name: [*runs(rng, [0.8] * 8, EASE), stalled, stalled ^ (np.arange(400) == n)] for n, name in enumerate("ab")
    }
    (pair,) = compare(of_items(arms, margin=50)).pairs
    assert pair.verdicts[0].kind == "NOT SETTLED"
    assert "EQUIVALENT is withheld: 2 of 10 runs of b diverged or stalled, more than 1 in 10." in pair.notes


def test_a_metric_without_a_worst_value_has_no_bound_and_no_better() -> None:
    a, b = spread_out(20, 0.5, 0.01), spread_out(20, 0.9, 0.01, 1)
    (pair,) = compare(of_values({"a": a, "b": [*b[:19], "diverged"]}, "test_nll")).pairs
    assert pair.worst_case is None
    assert pair.verdicts[0].kind == "NOT SETTLED"


def test_a_run_that_is_not_shown_to_be_better_than_the_majority_class_has_stalled() -> None:
    """400 items, half of them of each class: three standard errors above the half is .574."""
    rng = RNG(3)
    a = runs(rng, [0.8] * 11, EASE)
    stalled, just_not = np.arange(400) < 229, np.arange(400) < 230
    comparison = compare(of_items({"a": [*a, stalled], "b": [*runs(rng, [0.8] * 11, EASE), just_not]}))
    assert [(arm.n, arm.stalled, arm.diverged) for arm in comparison.arms] == [(12, 1, 0), (12, 0, 0)]
    rates = [arm.divergence.estimate for arm in comparison.arms if arm.divergence is not None]
    assert rates == [1 / 12, 0]
    (between,) = (pair.divergence for pair in comparison.pairs)
    assert between is not None
    assert between.estimate == -1 / 12
    assert (
        "a: 1 of 12 runs stalled (by accuracy not shown to be better than always saying the most frequent class)."
        in comparison.notes
    )
    (pair,) = comparison.pairs
    assert [v.kind for v in pair.verdicts] == ["NOT SETTLED"]
    assert "No verdict on spread: a stalled run is in it." in pair.notes
