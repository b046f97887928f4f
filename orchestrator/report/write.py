"""The report as files.

report.html    the page, with its figures in it
report.md      the same for a pull request
figures/       every figure as SVG and as PNG
numbers.json   every number, by section; numbers.csv the same, one a line
cells.csv      one row a cell; epochs.csv one row an epoch
"""

import json
from pathlib import Path

from orchestrator.report.composition import Report
from orchestrator.report.html import html
from orchestrator.report.markdown import PAGE, markdown
from orchestrator.report.numbers import as_data, as_lines
from orchestrator.report.svg import drawn

DRAWN = (".svg", ".png")


def write_report(report: Report, folder: Path) -> Path:
    """Write all files of it, and take away the figures of an earlier one. Gives the page's path."""
    figures = folder / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    pictures = [drawn(picture) for picture in report.pictures]
    names = {f"{found.picture.stem}{suffix}" for found in pictures for suffix in DRAWN}
    for old in figures.iterdir():
        if old.suffix in DRAWN and old.name not in names:
            old.unlink()
    for found in pictures:
        (figures / f"{found.picture.stem}.svg").write_text(found.file, encoding="utf-8")
        (figures / f"{found.picture.stem}.png").write_bytes(found.png)
    data = as_data(report)
    (folder / "numbers.json").write_text(
        json.dumps(data, indent=1, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (folder / "numbers.csv").write_text(as_lines(data), encoding="utf-8")
    table = report.material.table
    table.frame.to_csv(folder / "cells.csv", index=False)
    table.histories.to_csv(folder / "epochs.csv", index=False)
    (folder / "report.md").write_text(markdown(report), encoding="utf-8")
    page = folder / PAGE
    page.write_text(html(report, {found.picture.stem: found.inline for found in pictures}), encoding="utf-8")
    return page
