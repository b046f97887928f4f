"""What a printed table can and cannot show: the paper's own, and tables made for one answer each."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import BCE, CE, printed_arm, printed_table

from orchestrator.compare.audit import Audit, PrintedTable, TableError, Unit, audit
from orchestrator.compare.audit.pair_numbers import Range, ranges
from orchestrator.compare.audit.pairing import all_pairs, sampled_pairs
from orchestrator.compare.audit.readings import readings
from orchestrator.compare.statistics.differences import welch_t
from orchestrator.compare.statistics.dominance import mann_whitney
from orchestrator.compare.statistics.permutation import permuted_welch
from orchestrator.compare.statistics.spread import brown_forsythe, f_interval, sd_ratio


@pytest.fixture(scope="module")
def paper() -> Audit:
    return audit(printed_table(printed_arm("BCE", 5, **BCE), printed_arm("CE", 5, **CE), 2500))


def rounded(found: Range | None, digits: int) -> tuple[float, float]:
    assert found is not None
    assert found.undefined == 0
    return round(found.low, digits), round(found.high, digits)


def test_84_pairs_agree_with_the_paper_if_zeros_were_left_out(paper: Audit) -> None:
    found = paper.agreements[0]
    assert (found.sets, found.pairs, found.looked_at) == ((12, 7), 84, 84)
    assert rounded(found.ranges["welch_p"], 3) == (0.597, 0.633)
    assert rounded(found.ranges["f_p"], 3) == (0.113, 0.230)
    assert rounded(found.ranges["brown_forsythe_p"], 3) == (0.349, 0.604)
    assert rounded(found.ranges["permutation_p"], 2) == (0.66, 0.72)
    assert rounded(found.ranges["mann_whitney_p"], 2) == (0.83, 1)


def test_497_agree_if_the_mean_is_rounded_to_tenths(paper: Audit) -> None:
    found = paper.agreements[1]
    assert (found.sets, found.pairs, found.looked_at) == ((71, 7), 497, 497)
    assert rounded(found.ranges["welch_p"], 2) == (0.54, 0.69)
    assert rounded(found.ranges["f_p"], 3) == (0.099, 0.287)


def test_a_wider_reading_holds_all_that_a_stricter_one_holds(paper: Audit) -> None:
    assert [found.pairs for found in paper.agreements] == [84, 497, 1491]
    for strict, wide in zip(paper.agreements, paper.agreements[1:], strict=False):
        for name, outer in wide.ranges.items():
            inner = strict.ranges[name]
            assert outer is not None
            assert inner is not None
            assert outer.low <= inner.low <= inner.high <= outer.high


def test_the_paper_shows_neither_a_difference_nor_a_spread(paper: Audit) -> None:
    means, spread = paper.findings[-1]
    assert (means.kind, spread.kind) == ("NOT SHOWN", "NOT SHOWN")
    assert means.sentence == (
        "NOT SHOWN: that the means differ. Welch's p is 0.539 to 0.695 in every pair of sets (permutation 0.611 to "
        "0.817, Mann–Whitney 0.674 to 1.000). BCE − CE is +0.22 to +0.30 points; its 95% interval begins at -1.07 "
        "to -0.86 and ends at +1.39 to +1.58. Nothing between is excluded: that the means are equal is not shown "
        "either. To find a difference of this size with 80% power takes 93 to 233 runs of each arm."
    )
    assert spread.sentence == (
        "NOT SHOWN: that one arm varies more than the other. Brown–Forsythe's p is 0.273 to 0.685 in every pair of "
        "sets (F test 0.091 to 0.295). Standard deviations: 0.40 to 0.54 (BCE), 0.95 to 1.05 (CE). With fewer than "
        "10 runs an arm a test of spread finds the grossest differences only."
    )


def test_means_and_spreads_of_the_arms_are_those_of_their_runs(paper: Audit) -> None:
    found = paper.agreements[0]
    assert rounded(found.means[1], 3) == (85.84, 85.84)
    ratio, sds = found.ranges["sd_ratio"], found.sds
    assert ratio is not None
    assert sds[0] is not None
    assert sds[1] is not None
    assert (ratio.low, ratio.high) == pytest.approx((sds[0].low / sds[1].high, sds[0].high / sds[1].low))


samples = st.lists(st.integers(0, 9), min_size=2, max_size=5).map(sorted)


@given(samples, samples, st.sampled_from([0.04, 1.0]))
def test_the_numbers_of_a_pair_are_those_that_judge_a_sweep(
    first: list[int], second: list[int], step: float
) -> None:
    found = ranges(np.array([first]), np.array([second]), np.array([[0, 0]]), step)
    a, b = np.array(first) * step, np.array(second) * step
    rng = np.random.default_rng(0)
    welch, f, ratio = welch_t(a, b), f_interval(a, b), sd_ratio(a, b)
    expected = {
        "difference": welch.estimate,
        "interval_low": welch.interval and welch.interval.low,
        "interval_high": welch.interval and welch.interval.high,
        "welch_p": welch.p,
        "permutation_p": permuted_welch(a, b, rng).p,
        "mann_whitney_p": mann_whitney(a, b).p,
        "sd_ratio": ratio and ratio.estimate,
        "f_p": f and f.p,
        "brown_forsythe_p": brown_forsythe(a, b).p,
    }
    for name, value in expected.items():
        number = found[name]
        assert (number and number.low) == (value if value is None else pytest.approx(value, rel=1e-9, abs=1e-12)), (
            name
        )
        assert number is None or number.low == number.high


def of(a: dict[str, str], b: dict[str, str], n: int = 5, items: int = 100) -> PrintedTable:
    return printed_table(printed_arm("a", n, **a), printed_arm("b", n, **b), items)


HIGH = {"min": "80", "mean": "81", "median": "81", "max": "82"}
LOW = {"min": "60", "mean": "61", "median": "61", "max": "62"}
WIDE = {"min": "31", "mean": "61", "median": "61", "max": "91", "sd": "29"}


def test_what_holds_in_every_pair_is_shown() -> None:
    means, _ = audit(of(LOW, HIGH)).findings[-1]
    assert means.kind == "SHOWN"
    assert means.sentence.startswith("SHOWN: b has the higher mean. Welch's p is <0.001 in every pair of sets (")
    assert "begins at -2" in means.sentence
    assert "Nothing between" not in means.sentence
    assert audit(of(HIGH, LOW)).findings[-1][0].sentence.startswith("SHOWN: a has the higher mean.")


def test_with_too_few_runs_nothing_is_shown() -> None:
    means, _ = audit(of(LOW, HIGH, n=3)).findings[-1]
    assert means.kind == "NOT DECIDED"
    assert means.sentence.endswith("With fewer than 5 runs an arm such a p is not to be relied on.")


def test_what_holds_in_some_pairs_only_is_not_decided() -> None:
    table = of({"min": "70", "mean": "74", "max": "78"}, {"min": "75", "mean": "79", "max": "83"})
    found = audit(table)
    p = found.widest.ranges["welch_p"]
    assert p is not None
    assert p.low < 0.05 < p.high
    (means, _) = found.findings[-1]
    assert means.kind == "NOT DECIDED"
    assert ", depending on the runs (" in means.sentence


def test_an_arm_that_varies_more_in_every_pair_is_shown_to_from_ten_runs_on() -> None:
    narrow = {"min": "60.0", "mean": "60.5", "median": "60.5", "max": "61.0", "sd": "0.5"}
    wide = {"min": "41.0", "mean": "60.0", "median": "60.0", "max": "79.0", "sd": "16.0"}
    table = printed_table(printed_arm("a", 10, **narrow), printed_arm("b", 10, **wide), 100)
    found = audit(table, most_pairs=40)
    assert found.findings[-1][1].kind == "SHOWN"
    assert found.findings[-1][1].sentence.startswith("SHOWN as far as was looked: b varies more. Brown–Forsythe's")
    _, spread = audit(of(LOW, WIDE)).findings[-1]
    assert spread.kind == "NOT DECIDED"
    assert spread.sentence.endswith("With fewer than 10 runs an arm such a p is not to be relied on.")


def test_runs_that_are_all_alike_have_no_p() -> None:
    alike = {"min": "80", "max": "80"}
    found = audit(of(alike, {"min": "70", "max": "70"}))
    assert found.widest.pairs == 1
    assert [finding.kind for finding in found.findings[-1]] == ["NOT SHOWN", "NOT SHOWN"]
    assert "Welch's p is undefined" in found.findings[-1][0].sentence
    assert "Without variance nothing can be said of chance." in found.findings[-1][0].sentence
    assert found.widest.ranges["sd_ratio"] is None
    assert all(finding.sentence for finding in audit(of(alike, HIGH)).findings[-1])


def test_equal_means_ask_for_no_end_of_runs() -> None:
    (means, _) = audit(of(HIGH, HIGH | {"mean": "81.0"})).findings[-1]
    assert means.sentence.endswith(" or more runs of each arm.")


def test_a_sample_holds_the_extremes_and_says_what_it_is() -> None:
    table = of({"min": "70", "mean": "74", "max": "78"}, {"min": "75", "mean": "79", "max": "83"})
    whole, part = audit(table), audit(table, most_pairs=30)
    assert whole.widest.complete
    assert not part.widest.complete
    assert 30 <= part.widest.looked_at < whole.widest.looked_at == part.widest.pairs
    for name in ("difference", "sd_ratio", "f_p"):
        assert part.widest.ranges[name] == whole.widest.ranges[name]
    assert "in every pair of sets looked at" in part.findings[-1][1].sentence


def test_a_sample_is_drawn_by_its_seed() -> None:
    a, b = np.arange(300).reshape(100, 3), np.arange(150).reshape(50, 3)
    pairs = [sampled_pairs(a, b, 60, np.random.default_rng(seed)).tolist() for seed in (0, 0, 1)]
    assert pairs[0] == pairs[1] != pairs[2]
    assert {tuple(pair) for pair in pairs[0]} <= {tuple(pair) for pair in all_pairs(a, b).tolist()}
    assert len(all_pairs(a, b)) == 5000


def test_a_sample_of_a_wide_reading_reaches_as_far_as_the_stricter_one() -> None:
    table = of({"min": "70.0", "mean": "75", "max": "80.0"}, {"min": "65.0", "mean": "70", "max": "75.0"})
    strict, wide = audit(table, most_pairs=324).agreements
    assert strict.complete
    assert not wide.complete
    for name, outer in wide.ranges.items():
        inner = strict.ranges[name]
        assert outer is not None
        assert inner is not None
        assert outer.low <= inner.low <= inner.high <= outer.high


def test_the_digits_of_standard_deviations_are_compared_among_themselves() -> None:
    """A table that prints means to tenths and deviations to hundredths leaves no zeros out."""
    a, b = {"mean": "81.0", "sd": "1.58"}, {"mean": "71.0", "sd": "1.5"}
    (strict, wide) = readings(of(a, b))
    assert strict.decimals == ({"mean": 1, "sd": 2}, {"mean": 1, "sd": 2})
    assert wide.decimals == ({"mean": 1, "sd": 2}, {"mean": 1, "sd": 1})


def test_a_table_with_the_same_digits_has_one_reading() -> None:
    assert len(audit(of(HIGH, LOW)).agreements) == 1


def test_a_reading_may_be_ruled_out_while_another_is_not() -> None:
    """33.3 cannot be 33.30 on a grid of 1/30, but 33.33 rounded."""
    a = {"min": "33.3", "max": "36.67"}
    found = audit(of(a, {"min": "40.00", "max": "50.00"}, n=2, items=30))
    assert [agreement.pairs for agreement in found.agreements] == [0, 1]
    assert found.findings[0] == ()
    assert found.contradictions == ()


def test_what_contradicts_itself_is_said_of_each_arm() -> None:
    found = audit(of(HIGH | {"mean": "90"}, LOW | {"max": "59"}))
    assert [(c.arm, c.why) for c in found.contradictions] == [
        ("a", "mean 90 is above max 82; they may have changed places"),
        ("b", "median 61 is above max 59; they may have changed places"),
        ("b", "mean 61 is above max 59; they may have changed places"),
    ]
    assert found.findings == ((),)


def test_too_many_sets_are_refused_with_the_arm_and_the_number() -> None:
    table = of({"min": "10.0", "max": "90.0"}, HIGH, n=12, items=1000)
    with pytest.raises(
        TableError, match="a: more than 1,000,000 sets of 12 runs on 1,000 items come into question"
    ):
        audit(table)


def test_the_permutation_test_is_left_out_for_many_runs() -> None:
    few = {"min": "70", "mean": "71", "max": "72"}
    assert audit(of(few, HIGH, n=7), most_pairs=2).widest.ranges["permutation_p"] is not None
    many = audit(of(few, HIGH, n=8), most_pairs=2)
    assert many.widest.ranges["permutation_p"] is None
    assert "permutation" not in many.findings[-1][0].sentence


def test_shares_and_percent_give_the_same_answers() -> None:
    percent = of(HIGH, LOW)
    share = [{key: f"{int(text) / 100:.2f}" for key, text in arm.items()} for arm in (HIGH, LOW)]
    table = printed_table(printed_arm("a", 5, **share[0]), printed_arm("b", 5, **share[1]), 100, Unit.SHARE)
    found, expected = audit(table).widest, audit(percent).widest
    assert found.sets == expected.sets
    for name in ("welch_p", "brown_forsythe_p", "sd_ratio"):
        assert rounded(found.ranges[name], 9) == rounded(expected.ranges[name], 9)
    assert rounded(found.ranges["difference"], 9) == tuple(
        round(end / 100, 9) for end in rounded(expected.ranges["difference"], 7)
    )


def test_everything_can_be_written_as_json(paper: Audit) -> None:
    said = json.loads(json.dumps(paper.as_json(), allow_nan=False))
    assert [arm["printed"]["mean"] for arm in said["arms"]] == ["86.1", "85.84"]
    assert [reading["pairs"] for reading in said["readings"]] == [84, 497, 1491]
    assert said["readings"][0]["decimals"][0]["mean"] == 2
    assert said["readings"][1]["decimals"][0]["mean"] == 1
    assert {finding["kind"] for finding in said["readings"][2]["findings"]} == {"NOT SHOWN"}
