"""The report of a sweep: one Markdown page, verdicts first, its figures beside it, every number as CSV and JSON."""

import json
from pathlib import Path

import matplotlib

from orchestrator.compare import Comparison, summarise
from orchestrator.report import best_epoch, difference_table, tables
from orchestrator.report.figures import draw_figures
from orchestrator.report.spoken import Outcome, markdown_section, outcome_of
from orchestrator.results import ResultTable

P_AS_IT_IS = "p is of each test by itself; that in the verdicts is corrected for their number (Holm)."


def comparison_metrics(table: ResultTable) -> list[str]:
    """The deciding metric first, then validation accuracy, which papers print."""
    return list(dict.fromkeys([table.deciding_metric, "validation_accuracy"]))


def markdown(table: ResultTable, outcome: Outcome | None = None) -> str:
    """Verdicts, tables, notes on the data, and what is missing. `outcome`: where it is at hand already."""
    outcome = outcome_of(table) if outcome is None else outcome
    parts = [f"# {table.name}", table.plan["description"], markdown_section(outcome)]
    for metric in comparison_metrics(table):
        decides = " (decides)" if metric == table.deciding_metric else ""
        heading = f"## {tables.title(metric)}{decides}"
        parts += [heading, tables.markdown(summarise(table.frame, metric))]
    if isinstance(outcome, Comparison) and (differences := difference_table.markdown(outcome)):
        parts += ["## Differences", differences, P_AS_IT_IS]
    parts.append("All of this is of the last epoch.")
    parts += [f"## {best_epoch.HEADING}", best_epoch.markdown(table)]
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
    moved = [f"{m.arm}, seed {m.seed} (after epoch {m.after_epoch}: {m.changes})" for m in table.moves.itertuples()]
    resumed = f" **Resumed in another environment**, so not bit for bit as in one: {'; '.join(moved)}." * bool(
        moved
    )
    if len(said) < 2:
        one = f"All cells were trained on one kind of environment: {said[0]}." if said else "No cell is finished."
        return one + resumed
    return (
        "**Cells were trained in different environments**, which can move their numbers by rounding and more; "
        "where arms differ in it, so may what is compared: " + "; ".join(said) + "." + resumed
    )


def write_report(table: ResultTable, folder: Path, outcome: Outcome | None = None) -> Path:
    """Write `report.md`, `comparison.json`, `cells.csv`, `epochs.csv` and the figures. Gives the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    outcome = outcome_of(table) if outcome is None else outcome
    page = markdown(table, outcome)
    if isinstance(outcome, Comparison):
        numbers = json.dumps(outcome.as_json(), indent=1, allow_nan=False, ensure_ascii=False)
        (folder / "comparison.json").write_text(numbers, encoding="utf-8")
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
