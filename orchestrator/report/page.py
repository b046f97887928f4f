"""The report of a sweep: one Markdown page, its figures beside it, and every number as CSV.

Intervals and verdicts are not in it yet: it shows, and claims nothing.
"""

from pathlib import Path

import matplotlib

from orchestrator.compare import summarise
from orchestrator.report import tables
from orchestrator.report.figures import draw_figures
from orchestrator.results import ResultTable

NO_VERDICT = (
    "These are the numbers, not a verdict: a difference between the rows may be no more than the luck of the seeds."
)


def comparison_metrics(table: ResultTable) -> list[str]:
    """The deciding metric first, then validation accuracy, which papers print."""
    return list(dict.fromkeys([table.deciding_metric, "validation_accuracy"]))


def markdown(table: ResultTable) -> str:
    """Tables, notes on the data, and what is missing."""
    parts = [f"# {table.name}", table.plan["description"]]
    for metric in comparison_metrics(table):
        decides = " (decides)" if metric == table.deciding_metric else ""
        heading = f"## {tables.title(metric)}{decides}"
        parts += [heading, tables.markdown(summarise(table.frame, metric))]
    parts.append(NO_VERDICT)
    parts.append("Figures of the last epoch; the best epoch of a run is kept beside them and never decides.")
    undone = table.frame[table.frame["status"] != "finished"]
    if len(undone):
        parts.append("## Not finished")
        parts.append("\n".join(f"- {row.arm}, seed {row.seed}: {row.status}" for row in undone.itertuples()))
    parts += ["## Environment", environment_sentence(table)]
    parts += ["## Data", "\n".join(f"- {sentence}" for sentence in table.plan["data"])]
    return "\n\n".join(part for part in parts if part) + "\n"


def environment_sentence(table: ResultTable) -> str:
    """What the cells were trained on; a warning where it is not the same for all of them."""
    kinds = table.environments.drop(columns="seed").groupby(["device", "threads", "torch"])["arm"]
    said = [
        f"{device}, {threads} thread{'s' if threads != 1 else ''}, torch {torch} ({', '.join(dict.fromkeys(arms))})"
        for (device, threads, torch), arms in kinds
    ]
    if len(said) < 2:
        return f"All cells were trained on one kind of environment: {said[0]}." if said else "No cell is finished."
    return (
        "**Cells were trained in different environments**, which can move their numbers by rounding and more; "
        "where arms differ in it, so may what is compared: " + "; ".join(said) + "."
    )


def write_report(table: ResultTable, folder: Path) -> Path:
    """Write `report.md`, `cells.csv`, `epochs.csv` and the figures (SVG and PNG). Gives the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    page = markdown(table)
    figures = draw_figures(table)
    # Without a date and with a salt of its own, the same runs give the same file.
    with matplotlib.rc_context({"svg.hashsalt": "seedwise"}):
        for stem, figure in figures.items():
            figure.savefig(folder / f"{stem}.svg", metadata={"Date": None})
            figure.savefig(folder / f"{stem}.png", dpi=150)
    if figures:
        page += (
            "\n## Figures\n\n" + "\n\n".join(f"![{stem.replace('_', ' ')}]({stem}.svg)" for stem in figures) + "\n"
        )
    table.frame.to_csv(folder / "cells.csv", index=False)
    table.histories.to_csv(folder / "epochs.csv", index=False)
    path = folder / "report.md"
    path.write_text(page, encoding="utf-8")
    return path
