"""The report as files.

report.html    the page, with its figures in it
report.md      the same for a pull request
figures/       every figure as SVG and as PNG
numbers.json   every number, by section; numbers.csv the same, one a line
cells.csv      one row a cell; epochs.csv one row an epoch
"""

import json
from collections.abc import Iterator
from pathlib import Path

from orchestrator.report.composition import Report
from orchestrator.report.html import html
from orchestrator.report.markdown import PAGE, markdown
from orchestrator.report.numbers import as_data, as_lines
from orchestrator.report.svg import drawn
from orchestrator.store.local import LocalStore

FIGURES = "figures"
DRAWN = (".svg", ".png")


def write_report(report: Report, folder: Path) -> Path:
    """Write all files of it, and take away the figures of an earlier one. Gives the page's path.

    All is drawn before anything is written, and each file replaces its forerunner at once: whoever reads while it
    is redone, or after a kill, finds no half page.
    """
    figures = folder / FIGURES
    figures.mkdir(parents=True, exist_ok=True)
    files, place = dict(_files(report)), LocalStore(folder)
    for name, data in files.items():
        place.replace(name, data)
    for old in figures.iterdir():
        if old.suffix in DRAWN and f"{FIGURES}/{old.name}" not in files:
            old.unlink()
    return folder / PAGE


def _files(report: Report) -> Iterator[tuple[str, bytes]]:
    """Each by its name, the page last."""
    pictures = [drawn(picture) for picture in report.pictures]
    for found in pictures:
        yield f"{FIGURES}/{found.picture.stem}.svg", found.file.encode()
        yield f"{FIGURES}/{found.picture.stem}.png", found.png
    data, table = as_data(report), report.material.table
    yield "numbers.json", (json.dumps(data, indent=1, allow_nan=False, ensure_ascii=False) + "\n").encode()
    yield "numbers.csv", as_lines(data).encode()
    yield "cells.csv", table.frame.to_csv(index=False).encode()
    yield "epochs.csv", table.histories.to_csv(index=False).encode()
    yield "report.md", markdown(report).encode()
    yield PAGE, html(report, {found.picture.stem: found.inline for found in pictures}).encode()
