"""Several arms are one family, no sentence contradicts its interval, and every number is JSON."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from known import BCE, CE, DRUG_1, DRUG_2
from made_up_runs import EASE, FEW, kinds, of_items, of_values, runs, spread_out
from scipy import stats

from orchestrator.compare import compare, summarise
from orchestrator.compare.seeds_asked import families_of
from orchestrator.results import ResultTable

RNG = np.random.default_rng


def test_all_arms_are_held_against_the_baseline_or_all_against_all() -> None:
    table = of_values({"a": BCE, "b": CE, "c": BCE + CE})
    assert [(p.arm, p.versus) for p in compare(table).pairs] == [("b", "a"), ("c", "a")]
    assert [(p.arm, p.versus) for p in compare(table, pairs="all").pairs] == [("b", "a"), ("c", "a"), ("c", "b")]


def test_one_test_among_many_needs_more_to_be_believed_and_its_interval_agrees() -> None:
    alone = of_values({"one": DRUG_1 / 100, "two": DRUG_2 / 100})
    others = {f"other {n}": DRUG_1 / 100 + RNG(n).normal(0, 0.01, 10) for n in range(12)}
    among = of_values({"one": DRUG_1 / 100, "two": DRUG_2 / 100, **others})
    assert kinds(compare(alone))[0][0] == "BETTER"
    comparison = compare(among)
    verdict = comparison.pairs[0].verdicts[0]
    # 26 tests: 13 of location, 13 of spread.
    assert verdict.p == pytest.approx(26 * 0.0028329, rel=1e-4)
    assert verdict.kind == "NOT SETTLED"
    assert verdict.interval is not None
    assert 0 in verdict.interval
    assert "The intervals in the verdicts hold for all 13 pairs at once." in comparison.notes


def test_the_intervals_of_all_that_is_equivalent_hold_at_once() -> None:
    arms = {arm: spread_out(6, 0.8, 0.004, number) for number, arm in enumerate("abc")}
    comparison = compare(of_values(arms, margin=5.0, decided="all"))
    for pair in comparison.pairs:
        verdict, _ = pair.verdicts
        assert verdict.kind == "EQUIVALENT"
        assert verdict.interval is not None
        assert pair.numbers is not None
        found = pair.numbers.rests_on
        assert found.se is not None
        reach = stats.t.isf(0.05 / 3, 5) * found.se
        assert (verdict.interval.low, verdict.interval.high) == (
            pytest.approx(found.estimate - reach),
            pytest.approx(found.estimate + reach),
        )


def test_intervals_hold_all_at_once_only_where_there_are_intervals() -> None:
    few = compare(of_values({arm: BCE[:4] / 100 + place for place, arm in enumerate("abc")}))
    assert kinds(few) == [["NOT ENOUGH RUNS"]] * 2
    assert few.notes == ()
    one = compare(of_values({"a": BCE, "b": CE, "c": BCE + 1}))
    assert [v.interval is None for pair in one.pairs for v in pair.verdicts if v.kind != FEW] == [False, True]
    assert one.notes == ()


def test_a_pair_without_variance_is_not_counted_among_intervals_that_hold_at_once() -> None:
    arms = {"a": DRUG_1, "again": DRUG_1, "b": DRUG_2, "c": DRUG_1 + DRUG_2}
    comparison = compare(of_values({arm: values / 100 for arm, values in arms.items()}))
    assert [pair.verdicts[0].interval is None for pair in comparison.pairs] == [True, False, False]
    assert [[v.interval.confidence for v in pair.verdicts if v.interval] for pair in comparison.pairs] == [
        [pytest.approx(1 - 0.05 / 3)],
        [pytest.approx(1 - 0.05 / 2), pytest.approx(1 - 0.05 / 3)],
        [pytest.approx(1 - 0.05 / 2), pytest.approx(1 - 0.05 / 3)],
    ]
    assert comparison.notes == (
        "The intervals in the verdicts hold for several pairs at once: those of differences for 2, those of spread "
        "for 3.",
    )
    assert families_of(comparison).now.pairs == 2


@pytest.mark.parametrize(
    ("ps", "corrected"), [((0.01, 0.03), (0.02, 0.03)), ((0.03, 0.03), None), ((0.03, 0.4), None)]
)
def test_equivalent_is_a_family_of_its_own(ps: tuple[float, float], corrected: tuple[float, float] | None) -> None:
    """Among the tests of the differences .01 would be one of four, and not enough; without Holm's step .03 would
    not be enough; without any correction it would be enough beside another."""
    a = spread_out(6, 0.8, 0.05)
    sds = [6**0.5 * 0.01 / stats.t.isf(p, 5) for p in ps]
    arms = {"bc"[place]: a + spread_out(6, 0.0, sd, 1 + place) for place, sd in enumerate(sds)}
    found = [pair.verdicts[0] for pair in compare(of_values({"a": a, **arms}, margin=1.0)).pairs]
    if corrected is None:
        assert [verdict.kind for verdict in found] == ["NOT SETTLED"] * 2
    else:
        assert [(verdict.kind, verdict.p) for verdict in found] == [
            ("EQUIVALENT", pytest.approx(p)) for p in corrected
        ]
        # The second is shown by Holm's step, and by no interval of two that hold at once: that one is cut.
        spans = [verdict.interval for verdict in found if verdict.interval is not None]
        assert [max(-span.low, span.high) for span in spans] == [pytest.approx(0.01, rel=0.5), 0.01]
        assert spans[0].inside(0.01)


@pytest.mark.parametrize(
    "otherwise",
    [{}, {"planned": 3}, {"planned": 5, "decided_first": {"metric": "test_nll"}}],
    ids=["as planned", "anytime", "by another metric"],
)
def test_of_one_arm_the_numbers_are_there_and_what_is_lacking_is_said(otherwise: dict[str, Any]) -> None:
    """And nothing of verdicts, whichever there might be."""
    alone = compare(of_values({"loss=a": BCE / 100}, **otherwise))
    assert alone.pairs == ()
    assert [(arm.n, arm.mean) for arm in alone.arms] == [(5, pytest.approx(BCE.mean() / 100))]
    said, *_ = alone.notes
    assert not any("erdict" in note for note in alone.notes)
    assert said == (
        "Only one arm, loss=a, and so nothing to compare it with: under `vary` in the sweep file, give a setting a "
        "second value and run again, or hold the arm beside another sweep's (seedwise compare by_hand OTHER)."
    )


def test_a_failed_cell_is_missing_in_the_arms_and_in_the_table_alike() -> None:
    table = of_values({"a": [*BCE, "failed", "diverged"], "b": [*CE, 0.1, "new"]})
    comparison, summaries = compare(table), summarise(table.frame, "test_macro_f1")
    assert [(arm.n, arm.diverged, arm.missing) for arm in comparison.arms] == [(5, 1, 1), (6, 0, 1)]
    assert [(s.n, s.diverged, s.missing) for s in summaries] == [(5, 1, 1), (6, 0, 1)]
    assert comparison.notes[0] == "No verdict yet: 2 of 14 cells are missing. Estimates only."


@pytest.mark.parametrize("number", range(6))
def test_no_sentence_contradicts_its_interval(number: int) -> None:
    rng = RNG(number)
    arms = {f"arm {n}": rng.normal(rng.choice([0, 0.8]), rng.choice([1, 2.5]), 12) / 100 for n in range(5)}
    for pair in compare(of_values(arms, margin=1.5, decided="all")).pairs:
        for verdict in pair.verdicts:
            interval = verdict.interval
            assert interval is not None
            if verdict.kind == "BETTER":
                assert interval.low >= 0 or interval.high <= 0
            elif verdict.kind == "EQUIVALENT":
                assert -0.015 <= interval.low <= interval.high <= 0.015
            elif verdict.kind == "STEADIER":
                assert interval.low >= 1 or interval.high <= 1
            else:
                assert (1 if "SPREAD" in verdict.kind else 0) in interval


TABLES: dict[str, Callable[[], ResultTable]] = {
    "values": lambda: of_values({"a": BCE, "b": CE}, margin=1),
    "no variance": lambda: of_values({"a": [0.8] * 10, "b": [0.8] * 10}),
    "one run": lambda: of_values({"a": [0.8], "b": ["new"]}),
    "nothing": lambda: of_values({"a": ["new"], "b": ["diverged"]}),
    "one arm": lambda: of_values({"a": BCE}),
    "anytime, few": lambda: of_values({"a": BCE, "b": CE}, planned=50),
    "items": lambda: of_items({"a": runs(RNG(0), [0.8] * 5, EASE), "b": runs(RNG(1), [0.8] * 5, EASE)}),
    "two runs": lambda: of_items({"a": runs(RNG(0), [0.8] * 2, EASE), "b": runs(RNG(1), [0.8] * 2, EASE)}),
    "one wins always": lambda: of_values({"a": BCE / 100, "b": BCE / 200}),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_number_is_json_and_the_same_runs_give_the_same(name: str) -> None:
    first, second = (json.dumps(compare(TABLES[name]()).as_json(), allow_nan=False) for _ in range(2))
    assert first == second
    assert '"sweep": "by_hand"' in first
