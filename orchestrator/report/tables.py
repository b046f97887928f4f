"""An arm summary as a table: the same cells of text for the terminal and for the report."""

from collections.abc import Sequence

from rich import box
from rich.markup import escape
from rich.table import Table

from orchestrator.compare import ArmSummary, Metric, is_share

COLUMNS = ("arm", "n", "diverged", "missing", "failed", "min", "mean", "median", "max", "sd")
ENDS = ("diverged", "missing", "failed")
"""How runs ended that have no value."""


def title(metric: str) -> str:
    """`test accuracy, %`"""
    return metric.replace("_", " ") + (", %" if is_share(metric) else "")


def rows(summaries: Sequence[ArmSummary]) -> list[list[str]]:
    """One row an arm, by `COLUMNS`."""
    return [
        [s.arm, str(s.n), str(s.diverged), str(s.missing), str(s.failed)]
        + [number(value, s.metric) for value in (s.min, s.mean, s.median, s.max, s.sd)]
        for s in summaries
    ]


def page_columns(summaries: Sequence[ArmSummary]) -> tuple[str, ...]:
    """The numbers first, for a narrow screen may show no more; then the ends that some run has come to."""
    numbers = [column for column in COLUMNS if column not in ENDS]
    return (*numbers, *(end for end in ENDS if any(getattr(arm, end) for arm in summaries)))


def page_rows(summaries: Sequence[ArmSummary]) -> list[list[str]]:
    """By `page_columns`."""
    places = [COLUMNS.index(column) for column in page_columns(summaries)]
    return [[row[place] for place in places] for row in rows(summaries)]


def rich_table(summaries: Sequence[ArmSummary], decides: bool) -> Table:
    """For a terminal."""
    return grid(title(summaries[0].metric) + (" (decides)" if decides else ""), COLUMNS, rows(summaries))


def grid(heading: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Rows of text for a terminal."""
    table = Table(
        title=heading,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in columns:
        is_name = column == "arm"  # which may be long, and must not push the numbers out
        table.add_column(column, justify="left" if is_name else "right", no_wrap=not is_name)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    return table


def number(value: float | None, metric: str) -> str:
    """In per cent where the metric is a share; a dash for none."""
    return "–" if value is None else Metric.named(metric).said(value)
