"""The report: one page with its figures beside it, and every number as CSV."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from orchestrator.report import markdown, write_report
from orchestrator.report.words import duration
from orchestrator.results import ResultTable

MakeTable = Callable[..., ResultTable]


def test_the_page_says_what_decides_and_shows_the_table_of_each_metric(make_table: MakeTable) -> None:
    page = markdown(make_table({"loss=a": [0.8, 0.9], "loss=b": [0.7]}))
    assert page.startswith(
        "# by_hand\n\nWhich loss?\n\n## Verdicts\n\n**loss=b against loss=a**\n\n"
        "- NOT ENOUGH RUNS: 1 and 2 runs; a verdict needs 5 of each arm.\n\n"
        "## test accuracy, % (decides)\n\n| arm | n |"
    )
    assert "## validation accuracy, %\n" in page
    assert "| loss=a | 2 | 0 | 0 | 79.00 | 84.00 | 84.00 | 89.00 | 7.07 |" in page
    assert "| loss=b | 1 | 0 | 0 | 69.00 | 69.00 | 69.00 | 69.00 | – |" in page
    assert page.endswith("## Data\n\n- 3 % of the texts are cut.\n")
    assert "## Not finished" not in page


def test_a_metric_that_decides_is_not_shown_twice(make_table: MakeTable) -> None:
    page = markdown(make_table({"base": [0.8]}, decides="validation_accuracy"))
    headings = re.findall("^## .*", page, re.MULTILINE)
    assert headings == [
        "## validation accuracy, % (decides)",
        "## best epoch of each run by validation accuracy, % (never decides)",
        "## Environment",
        "## Data",
    ]


def test_the_page_names_every_cell_that_is_not_finished(make_table: MakeTable) -> None:
    page = markdown(make_table({"loss=a": [0.8, "diverged"], "loss=b": ["begun", "failed"]}))
    section = page.split("## Not finished\n\n")[1].split("\n\n")[0]
    assert section.splitlines() == [
        "- loss=a, seed 1: diverged",
        "- loss=b, seed 0: begun",
        "- loss=b, seed 1: failed",
    ]
    assert "| loss=a | 1 | 1 | 0 |" in page
    assert "| loss=b | 0 | 1 | 1 | – |" in page


def test_every_table_has_nine_columns_whatever_the_arms_are_called(make_table: MakeTable, runs: dict) -> None:  # type: ignore[type-arg]
    parts = [part for part in markdown(make_table(runs)).split("## ") if not part.startswith("Differences")]
    lines = [line for part in parts for line in part.splitlines() if line.startswith("|")]
    assert len(lines) == 3 * (2 + len(runs))
    assert {len(re.split(r"(?<!\\)\|", line)) - 2 for line in lines} == {9}


def test_the_report_is_written_with_figures_that_show_something(
    make_table: MakeTable,
    runs: dict,  # type: ignore[type-arg]
    tmp_path: Path,
) -> None:
    table = make_table(runs)
    page = write_report(table, tmp_path / "a new/folder")
    linked = re.findall(r"\]\((.*?)\)", page.read_text(encoding="utf-8"))
    svgs, pngs = (sorted(page.parent.glob(f"*.{suffix}")) for suffix in ("svg", "png"))
    assert sorted(linked) == [svg.name for svg in svgs]
    assert [svg.stem for svg in svgs] == [png.stem for png in pngs]
    assert len(svgs) >= 4
    for svg, png in zip(svgs, pngs, strict=True):
        assert len(list(ET.parse(svg).iter("{http://www.w3.org/2000/svg}path"))) > 20
        pixels = imread(png)
        assert np.ptp(pixels[..., :3]) > 0.5
        assert (pixels[..., :3].min(axis=-1) < 0.9).mean() > 0.001  # ink
    cells = pd.read_csv(page.parent / "cells.csv")
    assert cells["arm"].tolist() == table.frame["arm"].tolist()
    assert len(pd.read_csv(page.parent / "epochs.csv")) == len(table.histories)


def test_a_sweep_in_which_nothing_is_finished_has_a_page_without_figures(
    make_table: MakeTable, tmp_path: Path
) -> None:
    page = write_report(make_table({"loss=a": ["new"], "loss=b": ["failed"]}), tmp_path)
    assert "## Figures" not in page.read_text()
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "cells.csv",
        "comparison.json",
        "epochs.csv",
        "report.md",
    ]


def test_the_page_is_unicode_under_any_locale(
    make_table: MakeTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("locale.getencoding", lambda: "ascii")
    page = write_report(make_table({"loss=é": ["new"]}), tmp_path)
    assert "| loss=é | 0 | 0 | 1 | – |" in page.read_bytes().decode("utf-8")


def test_the_same_results_give_the_same_page_and_pictures(make_table: MakeTable, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_report(make_table({"loss=a": [0.8, 0.9], "loss=b": [0.7]}), tmp_path / folder)
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3600, "1 h 0 min"),
        (3900, "1 h 5 min"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_the_page_warns_where_cells_were_trained_in_different_environments(make_table) -> None:
    table = make_table({"loss=a": [0.8, 0.9], "loss=b": [0.7]})
    assert "All cells were trained on one kind of environment: EPYC, 1 thread, torch 2.13.0" in markdown(table)
    table.environments.loc[2, "threads"] = 4
    said = markdown(table)
    assert "**Cells were trained in different environments**" in said
    assert "EPYC, 1 thread, torch 2.13.0 (loss=a); EPYC, 4 threads, torch 2.13.0 (loss=b)" in said


# Verdicts and differences.

APART = {"loss=a_1": [0.80, 0.81, 0.82, 0.80, 0.815], "loss=b": [0.90, 0.915, 0.92, 0.905, 0.91]}


def test_verdicts_stand_first_and_names_are_no_markup(make_table: MakeTable) -> None:
    page = markdown(make_table(APART))
    verdict = page.index(r"- BETTER: loss=b beats loss=a\_1 by 10.10 points (95% CI ")
    assert page.index("## Verdicts") < verdict < page.index("## test accuracy, % (decides)")


def test_each_difference_stands_in_a_table_by_each_method(make_table: MakeTable) -> None:
    section = markdown(make_table(APART)).split("## Differences\n\n")[1].split("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section]
    assert {len(row) for row in cells} == {7}
    assert [(row[0], row[1], row[2], row[5], row[6]) for row in cells[2:]] == [
        ("loss=b − loss=a_1", "test_accuracy (decides)", "+10.10", "5", "paired t"),
        ("", "test_accuracy", "+10.10", "5/5", "Welch's t"),
    ]


def test_a_grid_that_is_not_complete_says_so_and_shows_its_estimates(make_table: MakeTable) -> None:
    page = markdown(make_table({"loss=a": [*APART["loss=a_1"], "new"], "loss=b": [*APART["loss=b"], "new"]}))
    assert "- No verdict yet: 2 of 12 cells are missing. Estimates only." in page
    assert "BETTER" not in page
    assert "+10.10" in page


def test_every_number_of_the_comparison_is_written_as_json(make_table: MakeTable, tmp_path: Path) -> None:
    write_report(make_table(APART), tmp_path)
    comparison = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    (pair,) = comparison["pairs"]
    assert pair["verdicts"][0]["kind"] == "BETTER"
    assert pair["numbers"]["fixed_items"]["estimate"] == pytest.approx(0.101)


def test_identical_seeds_are_said_where_the_verdicts_would_stand(make_table: MakeTable) -> None:
    table = make_table(APART)
    even = [-0.7, -0.7]
    same = pd.DataFrame({"row": [0, 1], "label": [0, 1], "log_probability_0": even, "log_probability_1": even})
    vars(table)["cell_predictions"] = lambda part: iter([("loss=b", 0, same), ("loss=b", 1, same)])
    page = markdown(table)
    assert "**No comparison**\n\n- loss=b: seeds 0 and 1 predict the same to the last bit" in page
    assert "## Differences" not in page
    assert "## test accuracy, % (decides)" in page


def test_the_page_names_each_cell_that_was_resumed_in_another_environment_and_what_changed(make_table) -> None:
    table = make_table({"loss=a": [0.8, 0.9], "loss=b": [0.7]})
    assert "Resumed" not in markdown(table)
    table.moves.loc[0] = ["loss=a", 1, 2, "threads 1 → 4"]
    table.moves.loc[1] = ["loss=b", 0, 1, "torch 2.12.0 → 2.13.0"]
    assert (
        "**Resumed in another environment**, so not bit for bit as in one: loss=a, seed 1 (after epoch 2: threads "
        "1 → 4); loss=b, seed 0 (after epoch 1: torch 2.12.0 → 2.13.0)."
    ) in markdown(table)
