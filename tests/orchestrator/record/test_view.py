"""What MLflow's page of a sweep opens on, as a function of the plan."""

import json
import re
from typing import Any

import pytest

from orchestrator.record.view import IN_ADDRESS, TAG, is_a_persons, linked, mark, view

PLAN = {
    "arms": [
        {"name": "a", "settings": {"loss": "cross_entropy", "model.width": 8}},
        {"name": "b", "settings": {"loss": {"name": "cross_entropy", "label_smoothing": 0.1}, "model.width": 8}},
    ],
    "decide": {"metric": "test_accuracy"},
    "planned_at": 1000.5,
}


def state(plan: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.loads(view(plan))["state"])  # type: ignore[no-any-return]


def test_it_shows_what_varies_the_seed_and_what_decides() -> None:
    decides = ["metrics.`final_validation_accuracy`", "metrics.`test_accuracy`"]
    assert state(PLAN)["selectedColumns"] == ["params.`loss`", "params.`model.width`", "params.`seed`", *decides]


@pytest.mark.parametrize(
    ("decides", "columns"),
    [
        ("validation_nll_bits", ["metrics.`final_validation_nll_bits`", "metrics.`test_nll_bits`"]),
        ("train_loss", ["metrics.`final_train_loss`"]),
    ],
)
def test_what_decides_is_shown_as_of_the_last_epoch(decides: str, columns: list[str]) -> None:
    plan = PLAN | {"decide": {"metric": decides}}
    assert state(plan)["selectedColumns"][3:] == columns


def test_its_charts_are_of_what_decides_and_of_no_best_epoch() -> None:
    drawn = re.compile(state(PLAN)["chartsSearchFilter"])
    assert drawn.search("validation_accuracy")
    assert drawn.search("test_accuracy")
    assert not drawn.search("best_validation_accuracy")
    assert not drawn.search("validation_nll")


def test_the_rest_is_in_the_words_that_the_page_reads() -> None:
    """As MLflow 3.15 writes them itself: of another word the page takes no notice."""
    assert (TAG, IN_ADDRESS) == ("mlflow.sharedViewState.seedwise", "viewStateShareKey=seedwise")
    written = state(PLAN)
    of_this_sweep = ("selectedColumns", "chartsSearchFilter")
    assert {word: value for word, value in written.items() if word not in of_this_sweep} == {
        "searchFilter": "tags.`seedwise.in_plan` = 'true'",
        "orderByKey": "attributes.start_time",
        "orderByAsc": True,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "groupBy": {"aggregateFunction": "average", "groupByKeys": [{"mode": "param", "groupByData": "arm"}]},
        "runsHiddenMode": "SHOW_ALL",
    }


def test_it_is_another_one_where_another_thing_varies_and_not_where_it_is_planned_again() -> None:
    assert mark(PLAN | {"planned_at": 2000.0}) == mark(PLAN)
    assert mark(PLAN | {"arms": [{"name": "a", "settings": {"loss": "cross_entropy"}}]}) != mark(PLAN)


def test_forty_axes_fit_into_a_tag() -> None:
    settings = {f"{number:02}{'x' * 248}": 1 for number in range(40)}
    plan = PLAN | {"arms": [{"name": "a", "settings": settings}]}
    shown = state(plan)["selectedColumns"]
    assert [column[8:10] for column in shown[:13]] == [*(f"{number:02}" for number in range(12)), "se"]
    assert len(view(plan)) < 5000


def test_what_a_person_has_saved_over_it_is_theirs() -> None:
    ours = json.loads(view(PLAN))
    assert (ours["name"], ours["createdAt"]) == ("Arms and seeds", 1_000_500), (
        "in milliseconds, as MLflow writes it"
    )
    assert not is_a_persons(json.dumps(ours))
    assert is_a_persons(json.dumps(ours | {"updatedAt": ours["updatedAt"] + 1}))
    assert is_a_persons(json.dumps(ours | {"name": "mine"}))
    for other in ("no view at all", "{}", "3"):
        assert is_a_persons(other)


def test_the_report_that_a_note_names_is_one_click_away() -> None:
    assert linked("It is under *Artifacts*: report/report.html.", "1", "abc") == (
        "It is under *Artifacts*: [report/report.html](#/experiments/1/runs/abc/artifacts/report/report.html)."
    )
    assert linked("nothing to see yet", "1", "abc") == "nothing to see yet"
