"""What is said where runs diverged or stalled, beside the verdicts."""

from collections.abc import Callable

import pytest
from scipy import stats

from orchestrator.report import Said, compose, spoken
from orchestrator.results import ResultTable

MakeTable = Callable[..., ResultTable]
TRAINED = [0.80, 0.81, 0.82, 0.80, 0.815]


def exploratory(table: ResultTable) -> list[str]:
    said: list[Said] = list(spoken(compose(table).material.outcome))
    return [sentence for part in said for sentence in part.sentences if "exploratory" in sentence]


def test_how_often_the_arms_failed_and_won_is_said_once_a_run_diverged(make_table: MakeTable) -> None:
    diverged = ["diverged"] * 4
    rate, wins = exploratory(make_table({"a": [*TRAINED, *diverged], "b": [*TRAINED, *TRAINED[:4]]}))
    p = stats.fisher_exact([[0, 9], [4, 5]]).pvalue
    # Wilson's intervals: 0 to z² / (9 + z²), and one that is symmetric about a point between 4/9 and 1/2.
    assert rate == (
        "0 of 9 runs of b diverged or stalled (95% CI 0 to 30 in 100), against 4 of 9 of a (95% CI 19 to 73 in "
        f"100): Fisher p={p:.2g}; exploratory."
    )
    assert wins == (
        "Of those with a value, a run of b has a higher test accuracy than one of a 50 times in 100, ties counted "
        "half (exploratory)."
    )


def test_ten_runs_show_how_far_the_share_of_wins_may_be_off(make_table: MakeTable) -> None:
    a, b = [0.7 + 0.01 * seed for seed in range(11)], [0.725 + 0.01 * seed for seed in range(11)]
    found = stats.brunnermunzel(a[:10], b[:10])
    _, wins = exploratory(make_table({"a": [*a[:10], "diverged"], "b": b}))
    # By hand: b's run s is over a's runs 0 to s + 2 of ten.
    share = sum(min(10, seed + 3) for seed in range(10))
    assert f"{share} times in 100" in wins
    assert f"Brunner–Munzel p={found.pvalue:.2g}" in wins


@pytest.mark.parametrize("ends", [TRAINED, [*TRAINED[:3], "diverged", "new"]])
def test_nothing_of_it_is_said_where_all_trained_or_cells_are_missing(
    make_table: MakeTable, ends: list[float | str]
) -> None:
    assert exploratory(make_table({"a": TRAINED, "b": ends})) == []
