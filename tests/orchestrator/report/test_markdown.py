"""The report for a pull request, and what MLflow shows over the runs."""

import re
from collections.abc import Callable

import pandas as pd
import pytest

from orchestrator.report import compose, markdown, note
from orchestrator.report.markdown import plain
from orchestrator.results import ResultTable

MakeTable = Callable[..., ResultTable]
APART = {"loss=a_1": [0.80, 0.81, 0.82, 0.80, 0.815], "loss=b": [0.90, 0.915, 0.92, 0.905, 0.91]}


def page(table: ResultTable) -> str:
    return markdown(compose(table))


def test_the_page_begins_with_the_verdict_and_shows_the_table_of_each_metric(make_table: MakeTable) -> None:
    said = page(make_table({"loss=a": [0.8, 0.9], "loss=b": [0.7]}))
    headings = re.findall("^## (.*)", said, re.MULTILINE)
    assert said.startswith("# by_hand\n\nWhich loss?\n\n")
    assert headings == ["Verdicts", "The arms in numbers", "Every run", "Learning curves", "How it was done"]
    few = "NOT ENOUGH RUNS: 1 and 2 runs; a verdict needs 5 of each arm, one on spread 10 in a fresh sweep."
    assert f"**loss=b against loss=a**\n\n- {few}\n" in said
    assert "**test accuracy, %, last epoch (decides)**\n\n| arm | n |" in said
    assert "**validation accuracy, %, last epoch**\n" in said
    assert "| loss=a | 2 | 79.00 | 84.00 | 84.00 | 89.00 | 7.07 |" in said
    assert "| loss=b | 1 | 69.00 | 69.00 | 69.00 | 69.00 | – |" in said
    assert said.endswith("**Data**\n\n- 3 % of the texts are cut.\n")


def test_a_metric_that_decides_is_not_shown_twice(make_table: MakeTable) -> None:
    said = page(make_table({"base": [0.8]}, decides="validation_accuracy"))
    assert re.findall(r"^\*\*(.*last epoch.*)\*\*", said, re.MULTILINE) == [
        "validation accuracy, %, last epoch (decides)"
    ]
    assert said.count("figures/runs_validation_accuracy.svg") == 1


def test_every_row_has_as_many_cells_as_its_table_has_columns(make_table: MakeTable, runs: dict) -> None:  # type: ignore[type-arg]
    tables = re.findall(r"(?:^\|.*\n)+", page(make_table(runs)), re.MULTILINE)
    assert len(tables) >= 3
    for table in tables:
        lines = table.splitlines()
        assert re.fullmatch(r"\|( -{3}:? \|)+", lines[1])
        assert len({line.count("|") for line in lines}) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("loss=cross_entropy", "loss=cross_entropy"),
        ("_a_", r"\_a\_"),
        ("<b>*é*</b>", r"&lt;b&gt;\*é\*&lt;/b&gt;"),
        ('"$x$" & `y`', '"&#36;x&#36;" &amp; \\`y\\`'),
        ("[a](b)|c~d~", r"\[a\](b)&#124;c\~d\~"),
    ],
)
def test_a_name_is_shown_as_it_is_and_is_no_markup(name: str, said: str) -> None:
    assert plain(name) == said


def test_each_difference_stands_in_a_table_by_each_method(make_table: MakeTable) -> None:
    section, _ = re.findall(
        r"(?:^\|.*\n)+", page(make_table(APART)).split("## Differences\n")[1].split("## ")[0], re.M
    )
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines()]
    assert {len(row) for row in cells} == {6}
    assert [(row[0], row[1], row[2], row[5]) for row in cells[2:]] == [
        ("loss=b − loss=a_1", "test_accuracy (decides), paired t", "+10.10", "5"),
        ("", "test_accuracy, Welch's t", "+10.10", "5/5"),
    ]


def test_identical_seeds_are_said_where_the_verdicts_would_stand(make_table: MakeTable) -> None:
    table = make_table(APART)
    even = [-0.7, -0.7]
    same = pd.DataFrame({"row": [0, 1], "label": [0, 1], "log_probability_0": even, "log_probability_1": even})
    vars(table)["cell_predictions"] = lambda part: iter([("loss=b", 0, same), ("loss=b", 1, same)])
    said = page(table)
    assert "**No comparison**\n\n- loss=b: seeds 0 and 1 predict the same to the last bit" in said
    assert "## Differences" not in said
    assert "**test accuracy, %, last epoch (decides)**" in said


# What MLflow shows, of which the first lines are all that is not folded away.


def test_a_single_pairs_verdict_comes_first(make_table: MakeTable) -> None:
    said = note(compose(make_table(APART)))
    assert said.startswith("**loss=b against loss=a_1**: BETTER: loss=b beats loss=a_1 by 10.10 points (95% CI ")
    assert re.search(r"\| loss=b \| 5 \| [\d.]+ \| 90\.\d+ \|", said)
    assert "report/report.html" in said
    assert "![" not in said, "MLflow shows no picture there"


def test_of_several_pairs_their_count_comes_first(make_table: MakeTable) -> None:
    said = note(compose(make_table({**APART, "loss=c": [0.80, 0.815, 0.83, 0.79, 0.815]})))
    assert said.startswith(
        "**Of 2 pairs: 1 BETTER (loss=b), 1 NOT SETTLED.**\n\n**loss=b against loss=a_1**: BETTER: "
    )


def test_what_is_missing_comes_first_as_long_as_something_is(make_table: MakeTable) -> None:
    said = note(compose(make_table({"loss=a": [*APART["loss=a_1"], "new"], "loss=b": [*APART["loss=b"], "new"]})))
    first = "No verdict yet: 2 of 12 cells are missing. Estimates only."
    assert said.startswith(f"**{first}**\n\n")
    assert said.count(first) == 1
    assert "BETTER" not in said


def test_one_arm_has_nothing_to_be_compared_with(make_table: MakeTable) -> None:
    assert note(compose(make_table({"base": [0.8, 0.9]}))).startswith("**One arm, and so nothing to compare")
