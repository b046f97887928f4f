"""The report as files: figures that show something, every number, and the same bytes for the same runs."""

import csv
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from orchestrator.durations import duration
from orchestrator.report import compose, write_report
from orchestrator.results import ResultTable

MakeTable = Callable[..., ResultTable]
SVG = "{http://www.w3.org/2000/svg}"
ODD = {'a="<&$\\frac"': [0.80, 0.81, 0.82, 0.80, 0.815], "loss=b": [0.90, 0.915, 0.92, 0.905, 0.91]}


@pytest.fixture(scope="module")
def written(make_table: MakeTable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of two arms, one of them with a name that is markup everywhere, in a folder that held another."""
    folder: Path = tmp_path_factory.mktemp("a home") / "report"
    (folder / "figures").mkdir(parents=True)
    (folder / "figures/of_an_earlier_sweep.svg").touch()
    (folder / "figures/notes.txt").touch()
    write_report(compose(make_table(ODD)), folder)
    return folder


def test_every_figure_lies_there_in_both_forms_and_earlier_ones_are_gone(written: Path) -> None:
    stems = ["best_runs", "differences", "learning_curves", "runs_test_accuracy", "runs_validation_accuracy"]
    expected = [f"{stem}.{suffix}" for stem in stems for suffix in ("png", "svg")]
    assert sorted(file.name for file in (written / "figures").iterdir()) == sorted([*expected, "notes.txt"])
    linked = re.findall(r"\]\((.*?)\)", (written / "report.md").read_text(encoding="utf-8"))
    assert sorted(linked) == [f"figures/{stem}.svg" for stem in stems]


def test_the_figures_show_something(written: Path) -> None:
    for svg in (written / "figures").glob("*.svg"):
        root = ET.parse(svg).getroot()
        assert len(list(root.iter(f"{SVG}path"))) > 10
        assert any("loss=b" in "".join(text.itertext()) for text in root.iter(f"{SVG}text"))
        pixels = imread(svg.with_suffix(".png"))
        assert np.ptp(pixels[..., :3]) > 0.5
        assert (pixels[..., :3].min(axis=-1) < 0.9).mean() > 0.001  # ink
        assert pixels[0, 0].min() == 1, "a picture for a paper has a white ground"


def test_a_figure_takes_on_the_ink_of_where_it_is_shown(written: Path) -> None:
    page = (written / "report.html").read_text(encoding="utf-8")
    for svg in (written / "figures").glob("*.svg"):
        text = svg.read_text(encoding="utf-8")
        assert "@media (prefers-color-scheme: dark)" in text
        body = text.split("</style>", 1)[1]
        assert "currentColor" in body
        assert "#1f2328" not in body
        assert body.strip() in page, "the page holds the same"


def test_each_figure_of_the_page_says_what_is_to_be_seen_and_none_needs_a_network(
    written: Path, make_table: MakeTable
) -> None:
    page = (written / "report.html").read_text(encoding="utf-8")
    said = [unescape(label) for label in re.findall(r'<svg[^>]* role="img" aria-label="([^"]*)"', page)]
    assert said == [picture.sees for picture in compose(make_table(ODD)).pictures]
    assert set(re.findall(r'(?:href|src)="(.)', page)) == {"#"}
    assert set(re.findall(r"url\((.)", page)) == {"#"}


def test_the_figures_share_no_id_in_the_page(written: Path) -> None:
    page = (written / "report.html").read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    used = re.findall(r'(?:href="|url\()#([^")]*)', page)
    assert len(used) > 50
    assert set(used) <= set(ids)


def test_every_number_is_there_nested_and_one_a_line(written: Path) -> None:
    data = json.loads((written / "numbers.json").read_text(encoding="utf-8"))
    (pair,) = data["verdicts"]["pairs"]
    assert pair["verdicts"][0]["kind"] == "BETTER"
    assert pair["numbers"]["fixed_items"]["estimate"] == pytest.approx(0.101)
    assert data["arms"]["last_epoch"]["test_accuracy"][1]["mean"] == pytest.approx(0.90)
    with (written / "numbers.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    by_name = {line["number"]: float(line["value"]) for line in lines}
    assert len(by_name) == len(lines) == sum(1 for _ in numbers_in(data))
    assert by_name["verdicts.pairs.0.numbers.fixed_items.estimate"] == pytest.approx(0.101)


def numbers_in(data: Any) -> Iterator[float]:
    if isinstance(data, dict | list):
        for inner in data.values() if isinstance(data, dict) else data:
            yield from numbers_in(inner)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield data


def test_cells_and_epochs_lie_beside_it(written: Path) -> None:
    assert pd.read_csv(written / "cells.csv")["arm"].tolist() == [arm for arm in ODD for _ in range(5)]
    assert len(pd.read_csv(written / "epochs.csv")) == 30


def test_the_same_results_give_the_same_bytes(written: Path, make_table: MakeTable, tmp_path: Path) -> None:
    write_report(compose(make_table(ODD)), tmp_path)
    files = [file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) == 16
    for file in files:
        assert (tmp_path / file).read_bytes() == (written / file).read_bytes(), file


def contents(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_report_that_cannot_be_finished_leaves_the_earlier_one_whole(
    make_table: MakeTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(compose(make_table({"loss=a": ["new"]})), tmp_path)
    earlier = contents(tmp_path)
    monkeypatch.setattr("orchestrator.report.write.html", None)
    with pytest.raises(TypeError):
        write_report(compose(make_table({"loss=b": ["new"]})), tmp_path)
    assert contents(tmp_path) == earlier


def test_who_reads_the_page_while_it_is_redone_reads_all_of_one(make_table: MakeTable, tmp_path: Path) -> None:
    page = write_report(compose(make_table({"loss=a": ["new"]})), tmp_path)
    with page.open(encoding="utf-8") as reader:
        write_report(compose(make_table({"loss=b": ["new"]})), tmp_path)
        text = reader.read()
    assert "loss=a" in text
    assert "loss=b" not in text
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_a_sweep_in_which_nothing_is_finished_has_a_page_without_figures(
    make_table: MakeTable, tmp_path: Path
) -> None:
    page = write_report(compose(make_table({"loss=a": ["new"], "loss=b": ["failed"]})), tmp_path / "new/folder")
    assert page == tmp_path / "new/folder/report.html"
    assert "No cell is finished yet" in page.read_text()
    assert list((page.parent / "figures").iterdir()) == []


def test_the_page_is_unicode_under_any_locale(
    make_table: MakeTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("locale.getencoding", lambda: "ascii")
    write_report(compose(make_table({"loss=é": ["new"]})), tmp_path)
    assert "| loss=é | 0 |" in (tmp_path / "report.md").read_bytes().decode("utf-8")
    assert "loss=é" in (tmp_path / "report.html").read_bytes().decode("utf-8")


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
