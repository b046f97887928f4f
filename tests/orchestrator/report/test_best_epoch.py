"""The best epochs stand beside the last ones, named as what they are, and nothing rests on them."""

from collections.abc import Callable

import pytest
from rich.console import Console

from orchestrator.report import best_epoch, compose, markdown
from orchestrator.results import ResultTable

MakeTable = Callable[..., ResultTable]


@pytest.fixture
def table(make_table: MakeTable) -> ResultTable:
    """Two runs that were best in epochs 1 and 2, and two of which one is finished, best in its last, the third."""
    table = make_table({"loss=a": [0.80, 0.84], "loss=b": [0.70, "diverged"]})
    table.frame["best_validation_accuracy"] = [0.86, 0.85, 0.70, None]
    table.frame["best_epoch"] = [1.0, 2.0, 3.0, None]
    return table


def test_each_arm_has_the_mean_of_its_last_epochs_beside_its_best_ones(table: ResultTable) -> None:
    assert best_epoch.COLUMNS == (
        "arm", "n", "last: mean", "best: min", "mean", "median", "max", "sd", "which epoch",
    )  # fmt: skip
    assert best_epoch.rows(table) == [
        ["loss=a", "2", "82.00", "85.00", "85.50", "85.50", "86.00", "0.71", "1 to 2"],
        ["loss=b", "1", "70.00", "70.00", "70.00", "70.00", "70.00", "–", "3"],
    ]


def test_where_nothing_is_finished_there_are_dashes(make_table: MakeTable) -> None:
    assert best_epoch.rows(make_table({"base": ["new"]})) == [["base", "0", *"–––––––"]]


def test_the_page_shows_them_in_a_table_of_their_own_and_says_what_they_are(table: ResultTable) -> None:
    page = markdown(compose(table))
    of_the_last, rest = page.split("**best epoch of each run by validation accuracy, % (never decides)**")
    assert "85.50" not in of_the_last
    assert "| loss=a | 2 | 82.00 | 85.00 | 85.50 | 85.50 | 86.00 | 0.71 | 1 to 2 |" in rest
    assert "biased upward" in rest.split("## ")[0]


def test_the_terminal_shows_the_same(table: ResultTable) -> None:
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(best_epoch.rich_table(table))
    shown = console.export_text()
    assert "(never decides)" in shown
    for row in best_epoch.rows(table):
        assert any(line.split() == " ".join(row).split() for line in shown.splitlines())
