"""The best epoch of each run beside its last one: shown, for papers print it, and never compared.

A run's best epoch is the one of highest validation accuracy, so its figure is the largest of several that chance
has moved: it lies too high, and the more so the more epochs there are. What decides is always of the last epoch.
"""

from collections.abc import Sequence

from rich.table import Table

from orchestrator.compare import ArmSummary, summarise
from orchestrator.report import tables
from orchestrator.results import ResultTable

METRIC = "validation_accuracy"
HEADING = "best epoch of each run by validation accuracy, % (never decides)"
CAUTION = (
    "A best epoch is chosen by the validation accuracy that it reports, which is therefore biased upward; the last "
    "epoch is not chosen."
)
COLUMNS = ("arm", "n", "last: mean", "best: min", "mean", "median", "max", "sd", "which epoch")


def summaries(table: ResultTable) -> dict[str, tuple[ArmSummary, ...]]:
    """Of each arm: the accuracy of the best epochs, and their numbers, counted from 1."""
    return {metric: summarise(table.frame, metric) for metric in (f"best_{METRIC}", "best_epoch")}


def rows(table: ResultTable) -> list[list[str]]:
    """One row an arm, by `COLUMNS`."""
    accuracy, epochs = summaries(table).values()
    last = summarise(table.frame, METRIC)
    return [
        [best.arm, str(best.n), tables.number(of_last.mean, METRIC)]
        + [tables.number(value, METRIC) for value in (best.min, best.mean, best.median, best.max, best.sd)]
        + [_range(epoch)]
        for of_last, best, epoch in zip(last, accuracy, epochs, strict=True)
    ]


def rich_table(table: ResultTable) -> Table:
    """For a terminal."""
    return tables.grid(HEADING, COLUMNS, rows(table))


def _range(epoch: ArmSummary) -> str:
    """`3`, or `2 to 4`."""
    numbers: Sequence[float] = [] if epoch.min is None or epoch.max is None else [epoch.min, epoch.max]
    return " to ".join(dict.fromkeys(f"{number:.0f}" for number in numbers)) or "–"
