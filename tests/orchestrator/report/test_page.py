"""The report: one page with its figures beside it, and every number as CSV."""

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
    assert page.startswith("# by_hand\n\nWhich loss?\n\n## test accuracy, % (decides)\n\n| arm | n |")
    assert "## validation accuracy, %\n" in page
    assert "| loss=a | 2 | 0 | 0 | 79.00 | 84.00 | 84.00 | 89.00 | 7.07 |" in page
    assert "| loss=b | 1 | 0 | 0 | 69.00 | 69.00 | 69.00 | 69.00 | – |" in page
    assert "not a verdict" in page
    assert page.endswith("## Data\n\n- 3 % of the texts are cut.\n")
    assert "## Not finished" not in page


def test_a_metric_that_decides_is_not_shown_twice(make_table: MakeTable) -> None:
    page = markdown(make_table({"base": [0.8]}, decides="validation_accuracy"))
    headings = re.findall("^## .*", page, re.MULTILINE)
    assert headings == ["## validation accuracy, % (decides)", "## Environment", "## Data"]


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
    lines = [line for line in markdown(make_table(runs)).splitlines() if line.startswith("|")]
    assert len(lines) == 2 * (2 + len(runs))
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
    assert sorted(file.name for file in tmp_path.iterdir()) == ["cells.csv", "epochs.csv", "report.md"]


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
