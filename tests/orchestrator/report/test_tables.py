"""An arm summary as a table: the paper's layout, in Markdown and in a terminal."""

import re
from dataclasses import replace

import pytest
from rich.console import Console

from orchestrator.compare import ArmSummary
from orchestrator.report import tables

CROSS = ArmSummary("loss=cross_entropy", "test_accuracy", 5, 1, 0, 0, 0.8561, 0.86, 0.86034, 0.8645, 0.00321)
EMPTY = ArmSummary("loss=[bold]x|y", "test_accuracy", 0, 0, 5, 2, None, None, None, None, None)


def test_a_share_is_shown_in_per_cent_with_two_decimals() -> None:
    assert tables.rows([CROSS]) == [
        ["loss=cross_entropy", "5", "1", "0", "0", "85.61", "86.00", "86.03", "86.45", "0.32"]
    ]


def test_a_metric_that_is_no_share_is_shown_as_it_is() -> None:
    nll = ArmSummary("a", "validation_nll", 2, 0, 0, 0, 0.25, 0.3, 0.3, 0.35, 0.0707)
    assert tables.rows([nll]) == [["a", "2", "0", "0", "0", "0.2500", "0.3000", "0.3000", "0.3500", "0.0707"]]


@pytest.mark.parametrize(
    ("metric", "title"),
    [
        ("test_accuracy", "test accuracy, %"),
        ("validation_macro_f1", "validation macro f1, %"),
        ("validation_auroc", "validation auroc, %"),
        ("test_ece", "test ece, %"),
        ("validation_nll_bits", "validation nll bits"),
        ("test_brier", "test brier"),
        ("train_loss", "train loss"),
    ],
)
def test_a_title_says_the_unit(metric: str, title: str) -> None:
    assert tables.title(metric) == title


def test_what_is_not_there_is_a_dash() -> None:
    assert tables.rows([EMPTY]) == [["loss=[bold]x|y", "0", "0", "5", "2", "–", "–", "–", "–", "–"]]


def test_the_terminal_shows_the_same_numbers_and_names_as_they_are() -> None:
    console = Console(width=120, record=True, force_terminal=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(tables.rich_table([CROSS, EMPTY], decides=True))
    shown = console.export_text()
    assert "test accuracy, % (decides)" in shown
    for row in tables.rows([CROSS, EMPTY]):
        assert re.search(r"\s+".join(map(re.escape, row)), shown)


def test_a_long_name_is_broken_and_leaves_the_numbers_whole() -> None:
    arm = "loss=binary_cross_entropy(head=(learning_rate_scale=2, weight_decay_scale=0.5, init=two_rows))"
    console = Console(width=100, record=True)
    with console.capture() as captured:
        console.print(tables.rich_table([CROSS, replace(CROSS, arm=arm)], decides=True))
    said = captured.get()
    assert said.count("85.61  86.00   86.03  86.45  0.32") == 2
    assert "init=two_rows))" in said


def test_on_a_page_numbers_come_first_and_of_how_runs_ended_only_what_there_is() -> None:
    """A phone's width shows the first columns only."""
    assert tables.page_columns([CROSS]) == ("arm", "n", "min", "mean", "median", "max", "sd", "diverged")
    assert tables.page_columns([replace(CROSS, diverged=0)])[-1] == "sd"
    assert tables.page_columns([CROSS, EMPTY])[-3:] == ("diverged", "missing", "failed")
    assert tables.page_rows([CROSS, EMPTY]) == [
        ["loss=cross_entropy", "5", "85.61", "86.00", "86.03", "86.45", "0.32", "1", "0", "0"],
        ["loss=[bold]x|y", "0", "–", "–", "–", "–", "–", "0", "5", "2"],
    ]
    assert tables.COLUMNS[2:5] == ("diverged", "missing", "failed")  # a terminal shows all of them
