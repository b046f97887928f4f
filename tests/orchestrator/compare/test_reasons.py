"""What part of a difference the head's rate and start explain: contrasts by hand, words by planted effects."""

from typing import Any

import numpy as np
import pytest
from made_up_runs import of_items, of_values, runs
from planted_heads import LOSSES, N, planted, reasons_of, with_losses
from scipy import stats

from orchestrator.compare import Reasons, compare
from orchestrator.compare.statistics.multiplicity import holm
from orchestrator.report import reasons_table
from orchestrator.results import ResultTable


def test_each_effect_is_the_paired_t_of_its_contrast() -> None:
    ends = planted(0.03, 0.01, 0.02)
    y = {arm: np.array(values) for arm, values in ends.items()}
    found = reasons_of(ends)
    by_hand = {
        "rate": (y["fast"] - y["bce"] + y["both"] - y["started"]) / 2,
        "start": (y["started"] - y["bce"] + y["both"] - y["fast"]) / 2,
        "interaction": (y["both"] - y["started"]) - (y["fast"] - y["bce"]),
    }
    for name, differences in by_hand.items():
        estimate = getattr(found, name).estimate
        oracle = stats.ttest_1samp(differences, 0)
        assert estimate.estimate == pytest.approx(differences.mean(), rel=1e-9)
        assert estimate.p == pytest.approx(oracle.pvalue, rel=1e-6)
        interval = oracle.confidence_interval()
        assert (estimate.interval.low, estimate.interval.high) == pytest.approx((interval.low, interval.high))
        assert estimate.n == (N,)
    oracle = stats.ttest_rel(y["ce"], y["bce"])
    assert found.difference is not None
    assert found.difference.estimate.p == pytest.approx(oracle.pvalue, rel=1e-6)


def test_the_parts_add_up_to_the_difference_exactly() -> None:
    found = reasons_of(planted(0.03, -0.02, 0.01, left=0.004))
    assert found.difference is not None
    assert found.remainder is not None
    parts = (found.rate, found.start, found.remainder.effect)
    whole = found.difference.estimate.estimate
    assert sum(part.estimate.estimate for part in parts) == pytest.approx(whole, abs=1e-12)


def test_where_items_are_shared_the_effects_are_over_seeds_and_items() -> None:
    rng, ease_N = np.random.default_rng(3), np.random.default_rng(4).uniform(0.5, 1, 400)
    ends = {arm: runs(rng, [0.75 + 0.1 * (arm in ("fast", "both"))] * 6, ease_N) for arm in LOSSES}
    (found,) = compare(with_losses(of_items(ends))).reasons
    assert found.rate.estimate.method == "seeds × items, paired"
    right = {arm: np.mean(ends[arm]) for arm in ends}
    by_hand = (right["fast"] + right["both"] - right["bce"] - right["started"]) / 2
    assert found.rate.estimate.estimate == pytest.approx(by_hand)
    assert found.twins is not None
    assert found.twins.disagreeing == pytest.approx(np.mean(np.array(ends["twin"]) != np.array(ends["bce"])))


def said(found: Reasons, beginning: str) -> str:
    (sentence,) = (sentence for sentence in found.sentences if sentence.startswith(beginning))
    return sentence


def test_an_effect_that_is_there_is_shown_and_one_that_is_not_is_not() -> None:
    found = reasons_of(planted(rate=0.03, start=0.0))
    whole = said(found, "Cross-entropy − binary")
    assert "of that +3." in whole
    assert (
        "The head's rate is shown to have a part in it. That the head's start has a part in it is not shown."
        in whole
    )
    assert "; shown (Holm p=" in said(found, "The head's rate")
    assert "; not shown (Holm p=" in said(found, "The head's start")
    assert "; not shown (Holm p=" in said(found, "Interaction")
    both = reasons_of(planted(rate=0.03, start=0.02))
    parts = "The head's rate is shown to have a part in it. The head's start is shown to have a part in it."
    assert parts in said(both, "Cross-entropy −")


def test_a_difference_that_is_not_shown_gets_no_reason() -> None:
    found = reasons_of(planted(rate=0.02, start=-0.02))
    assert "No verdict shows a difference, and so none that would need a reason." in said(found, "Cross-entropy −")
    assert "shown to have a part" not in " ".join(found.sentences)


def test_an_effect_against_the_difference_is_no_part_of_it() -> None:
    whole = said(reasons_of(planted(rate=0.05, start=-0.02)), "Cross-entropy −")
    assert "The head's rate is shown to have a part in it. The head's start is shown to work against it." in whole


def test_a_difference_that_neither_makes_is_said_to_be_so() -> None:
    found = reasons_of(planted(rate=0.0, start=0.0, left=0.03))
    assert (
        "That the head's rate has a part in it is not shown. That the head's start has a part in it is not shown."
        in said(found, "Cross-entropy −")
    )
    assert "the effects above are in doubt" in said(found, "Check, cross-entropy")


def test_checks_that_hold_are_said_with_how_far_rounding_went() -> None:
    ends = planted(0.03, 0.0)
    ends["twin"] = list(ends["bce"])
    found = reasons_of(ends)
    assert said(found, "A/A check").endswith("the same in every run, as one training should be.")
    assert "more than rounding and chance is not shown" in said(found, "Check, cross-entropy")
    broken = reasons_of(planted(0.03, 0.0, twins=0.02))
    assert "the effects above are in doubt" in said(broken, "A/A check")


def test_holm_is_over_the_three_effects() -> None:
    found = reasons_of(planted(0.03, 0.01))
    ps = sorted(e.estimate.p for e in (found.rate, found.start, found.interaction) if e.estimate.p is not None)
    corrected = sorted(e.p for e in (found.rate, found.start, found.interaction) if e.p is not None)
    assert corrected[0] == pytest.approx(3 * ps[0])
    assert corrected[1] == pytest.approx(max(corrected[0], 2 * ps[1]))


def test_the_checks_are_a_family_of_their_own() -> None:
    """Of two; and of one where the sweep has no other."""
    ends = planted(0.03, 0.01, left=0.001, twins=0.002)
    found = reasons_of(ends)
    assert found.remainder is not None
    assert found.twins is not None
    effects = found.remainder.effect, found.twins.effect
    alone = [effect.estimate.p for effect in effects]
    assert [effect.p for effect in effects] == pytest.approx(holm(alone))  # type: ignore[arg-type]
    assert min(effect.p / p for effect, p in zip(effects, alone, strict=True)) >= 1  # type: ignore[operator]
    assert max(effect.p / p for effect, p in zip(effects, alone, strict=True)) == pytest.approx(2)  # type: ignore[operator]
    confidences = [None if effect.interval is None else effect.interval.confidence for effect in effects]
    assert confidences == pytest.approx([0.975] * 2)
    (only,) = (reasons_of({arm: values for arm, values in ends.items() if arm != "ce"}).twins,)
    assert only is not None
    assert only.effect.p == pytest.approx(alone[1])


@pytest.mark.parametrize("start", [0.0, 0.0005, 0.001, 0.0015])
@pytest.mark.parametrize("interaction", [0.0, 0.003])
def test_the_interval_that_is_said_agrees_with_the_p_that_is_said(start: float, interaction: float) -> None:
    """Those of the three effects hold all at once; each by itself stands in the estimate."""
    found = reasons_of(planted(0.03, start, interaction))
    for effect in (found.rate, found.start, found.interaction):
        alone, together = effect.estimate, effect.interval
        assert effect.p is not None
        assert together is not None
        assert alone.interval is not None
        assert (0 in together and 0 not in (together.low, together.high)) <= (effect.p >= 0.045)
        assert (effect.p < 0.045) <= (together.low >= 0 or together.high <= 0)
        wide = alone.interval_at(1 - 0.05 / 3)
        assert wide is not None
        assert {together.low, together.high} & {wide.low, wide.high}
        assert f"to {100 * together.high:+.2f}; n=10 pairs" in " ".join(found.sentences)


def test_in_a_table_and_as_json_the_intervals_are_those_of_the_sentences() -> None:
    comparison = compare(with_losses(of_values(planted(0.03, 0.01))))
    (found,) = comparison.reasons
    assert found.start.interval is not None
    low, high = 100 * found.start.interval.low, 100 * found.start.interval.high
    (row,) = (row for row in reasons_table.rows(found, comparison) if row[0] == "the head's start")
    assert row[2] == f"{low:+.2f} to {high:+.2f}"
    stored = comparison.as_json()["reasons"][0]["start"]
    assert (stored["interval"]["low"], stored["p"]) == (found.start.interval.low, found.start.p)


def test_the_whole_differences_interval_is_that_of_its_verdict() -> None:
    """Of a pair without variance there is no test: the others' intervals are as if it were not there."""
    for rate, twins_are_alike in ((0.03, False), (0.0005, False), (0.03, True)):
        ends = planted(rate, 0.0)
        ends["twin"] = ends["bce"] if twins_are_alike else ends["twin"]
        comparison = compare(with_losses(of_values(ends)))
        verdict = next(pair.verdicts[0] for pair in comparison.pairs if pair.arm == "ce")
        (found,) = comparison.reasons
        assert found.difference is not None
        assert found.difference.interval == verdict.interval


def test_few_seeds_or_missing_cells_give_estimates_only() -> None:
    few = " ".join(reasons_of(planted(0.03, 0.0, n=4)).sentences)
    assert "Estimates only: 4 seeds are too few to judge by; 5 are needed." in few
    ends: dict[str, Any] = planted(0.03, 0.0)
    ends["twin"][2] = "new"
    found = reasons_of(ends)
    assert found.seeds == tuple(seed for seed in range(N) if seed != 2)
    for sentences in (few, " ".join(found.sentences)):
        assert "shown" not in sentences
    assert "over the 9 seeds that every one of these arms has finished, of 10." in " ".join(found.sentences)


@pytest.mark.parametrize("planned", [None, {"seeds": 9}])
def test_of_fewer_seeds_than_a_verdict_needs_there_is_no_p_and_of_two_no_interval(planned: Any) -> None:
    """In the table as in the sentences, as it is of every other difference; at a later look, too."""
    for n, has_interval in ((2, False), (3, True), (4, True), (5, True)):
        comparison = compare(with_losses(of_values(planted(0.03, 0.01, n=n), planned=planned)))
        (found,) = comparison.reasons
        rows = reasons_table.rows(found, comparison)
        assert {row[3] for row in rows} == {"–"} if n < 5 else "–" not in {row[3] for row in rows[1:]}
        assert all((row[2] != "–") == has_interval for row in rows)
        if n < 5:
            stored = comparison.as_json()["reasons"][0]
            assert all(stored[name]["estimate"]["p"] is None for name in ("rate", "start", "interaction"))
            assert "their p" not in " ".join(found.sentences)


def two_squares(second: dict[str, list[float]]) -> ResultTable:
    first = planted(0.03, 0.01)
    table = of_values(first | {f"wide {arm}": values for arm, values in second.items()})
    for arm, settings in table.settings.items():
        settings |= {"loss": LOSSES[arm.removeprefix("wide ")], "model": {"wide": arm.startswith("wide ")}}
    return table


def test_the_effects_of_all_squares_are_one_family() -> None:
    """Each by itself, one of four squares without any effect would show one in every sixth sweep."""
    alone = reasons_of(planted(0.03, 0.01))
    first, second = compare(two_squares(planted(0.0, 0.0))).reasons
    assert (alone.tests, first.tests, second.tests) == (3, 6, 6)
    assert alone.rate.estimate.p == first.rate.estimate.p
    assert alone.rate.p == pytest.approx(3 * (first.rate.estimate.p or 0))
    assert first.rate.p == pytest.approx(6 * (first.rate.estimate.p or 0))
    assert said(first, "The intervals of").startswith(
        "The intervals of rate, start and interaction hold at once for 6 tests, those of all such arms together, "
        "and their p are corrected for as many;"
    )


def test_at_a_later_look_effects_are_corrected_for_all_pairs_of_arms_as_verdicts_are() -> None:
    found = reasons_of(planted(0.03, 0.01), planned=5)
    assert found.rate.p == pytest.approx(min(1.0, 15 * (found.rate.estimate.p or 0)))
    assert "hold at once for 15 tests, all pairs of the arms to choose from" in said(found, "The intervals of")


def test_a_diverged_run_takes_its_seed_away_and_no_more() -> None:
    ends: dict[str, Any] = planted(0.03, 0.0)
    ends["fast"][4] = "diverged"
    found = reasons_of(ends)
    assert len(found.seeds) == 9
    assert "; shown (Holm p=" in said(found, "The head's rate")


def test_too_many_diverged_runs_give_estimates_only() -> None:
    ends: dict[str, Any] = planted(0.03, 0.0)
    ends["fast"][4] = ends["fast"][5] = "diverged"
    text = " ".join(reasons_of(ends).sentences)
    assert "shown" not in text
    assert "Estimates only: more than 1 in 10 runs diverged or stalled of fast." in text


def test_the_four_corners_alone_have_effects_and_no_checks() -> None:
    ends = {arm: values for arm, values in planted(0.03, 0.0).items() if arm not in ("ce", "twin")}
    found = reasons_of(ends)
    assert (found.difference, found.remainder, found.twins) == (None, None, None)
    assert not [sentence for sentence in found.sentences if "Check" in sentence or "A/A" in sentence]


def test_an_anytime_look_widens_the_effects_intervals() -> None:
    ends = planted(0.03, 0.0)
    planned, looked = reasons_of(ends, planned=N), reasons_of(ends, planned=5)
    assert planned.rate.estimate.interval is not None
    assert looked.rate.estimate.interval is not None
    assert looked.rate.estimate.interval.low < planned.rate.estimate.interval.low


def test_the_interval_that_is_said_agrees_with_the_corrected_p_at_the_looks_level() -> None:
    """Of three effects the second has twice its p: .04 is shown, though an interval of three that hold at once has
    0 in it and is cut; .048 is not, for it is above the look's .045."""
    bare = reasons_of(planted(0.03, 0.0)).start.estimate
    assert bare.se is not None
    for p, shown in ((0.02, True), (0.024, False)):
        found = reasons_of(planted(0.03, bare.se * stats.t.isf(p / 2, N - 1))).start
        assert found.p == pytest.approx(2 * p)
        assert found.interval is not None
        assert (found.interval.low == 0, found.interval.low < 0) == (shown, not shown)


def test_the_largest_difference_of_a_check_is_that_of_any_pair() -> None:
    ends = planted(0.03, 0.0)
    found = reasons_of(ends)
    assert found.twins is not None
    assert found.twins.largest == pytest.approx(np.abs(np.array(ends["twin"]) - np.array(ends["bce"])).max())


def test_arms_of_other_seeds_or_judged_on_other_items_have_no_contrast_within_a_seed() -> None:
    ends = planted(0.03, 0.0)
    assert compare(with_losses(of_values({**ends, "both": ends["both"][:9]}))).reasons == ()
    rng, ease_N = np.random.default_rng(3), np.random.default_rng(4).uniform(0.5, 1, 100)
    table = with_losses(of_items({arm: runs(rng, [0.75] * 6, ease_N) for arm in LOSSES}))
    predictions = list(table.cell_predictions("test"))
    vars(table)["cell_predictions"] = lambda part: (
        (arm, seed, frame.assign(row=frame["row"] + (arm == "fast"))) for arm, seed, frame in predictions
    )
    assert compare(table).reasons == ()
