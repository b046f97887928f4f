"""What the benchmark of validity counts, keeps and prints."""

from pathlib import Path

import numpy as np

from benchmarks.validity import trials
from benchmarks.validity.__main__ import with_new
from benchmarks.validity.judging import (
    only_what_verdicts_rest_on,
)
from benchmarks.validity.page import CSV, PAGE, Row, read_csv, table, write_between, write_csv, write_page
from benchmarks.validity.studies import ONE_PAIR, PLAIN, all_studies
from benchmarks.validity.tally import Asked, Question, Share
from benchmarks.validity.worlds import Law, ValueWorld

RNG = np.random.default_rng


def test_a_share_misses_its_goal_only_beyond_the_simulations_own_error() -> None:
    def misses(asked: Asked, hits: int) -> bool:
        return Share("", "5", Question(asked, ""), hits, 10_000).misses

    assert [misses(Asked.COVERAGE, hits) for hits in (9260, 9290, 9999)] == [True, False, False]
    assert [misses(Asked.FALSE_ALARM, hits) for hits in (580, 560, 0)] == [True, False, False]
    assert [misses(Asked.POWER, hits) for hits in (0, 10_000)] == [False, False]


def test_power_is_asked_where_a_spread_differs_and_false_alarms_where_it_does_not() -> None:
    def asked(*laws: Law) -> dict[str, list[str]]:
        shares = trials.of_values(ValueWorld("", laws), ONE_PAIR, 12, 20, RNG(0)).shares
        found = [share.question for share in shares]
        return {q.asked: [other.of for other in found if other.asked == q.asked] for q in found}

    with only_what_verdicts_rest_on():
        assert "STEADIER" in asked(PLAIN, PLAIN)["false alarms"]
        assert "found" not in asked(PLAIN, PLAIN)
        assert asked(PLAIN, Law(sd=30.0))["found"] == ["STEADIER"]
        found = trials.of_values(ValueWorld("", (PLAIN, Law(sd=30.0))), ONE_PAIR, 20, 20, RNG(0)).shares
        assert [s.hits for s in found if s.question.asked == Asked.POWER] == [20]


def test_a_row_that_is_found_again_keeps_its_place() -> None:
    first, second = (Row("g", Share(name, "5", Question(Asked.COVERAGE, "t"), 1, 2)) for name in "ab")
    again = Row("g", Share("a", "5", Question(Asked.COVERAGE, "t"), 2, 2))
    new = Row("g", Share("c", "5", Question(Asked.COVERAGE, "t"), 2, 2))
    assert with_new([first, second], [new, again]) == [again, second, new]


def test_a_study_has_its_own_random_numbers_and_the_same_each_time() -> None:
    studies = [study for study in all_studies() if study.group == "values"][:2]
    first, again, other = (study.shares(0.002) for study in (studies[0], studies[0], studies[1]))
    assert first == again
    assert first != other
    assert len({(study.group, study.name) for study in all_studies()}) == len(list(all_studies()))


def test_the_page_has_what_the_csv_has(tmp_path: Path) -> None:
    shares = [
        Share("normal", "5", Question(Asked.COVERAGE, "paired t"), 9512, 10_000),
        Share("normal", "10", Question(Asked.COVERAGE, "paired t"), 9100, 10_000),
        Share("normal", "5", Question(Asked.FALSE_ALARM, "BETTER"), 0.01, 1, exact=True),
    ]
    rows = [Row("values", share) for share in shares]
    write_csv(rows, tmp_path / "validity.csv")
    back = read_csv(tmp_path / "validity.csv")
    assert [table(back, asked) for asked in Asked] == [table(rows, asked) for asked in Asked]
    assert "| paired t | normal | 95.1 ± 0.2 | **91.0 ± 0.3** |" in table(back, Asked.COVERAGE)
    assert "| BETTER | normal | 1.0 |" in table(back, Asked.FALSE_ALARM)
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x: written by the benchmark -->\nold\n<!-- end of x -->\nb\n")
    write_between(page, "x", "new")
    write_between(page, "x", "newer")
    assert page.read_text() == "a\n<!-- x: written by the benchmark -->\n\nnewer\n\n<!-- end of x -->\nb\n"


def test_the_tables_in_the_docs_are_those_of_the_numbers_kept(tmp_path: Path) -> None:
    rows, page = read_csv(CSV), tmp_path / "validity.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    assert len(rows) > 300
    write_page(rows, page)
    assert page.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")
