"""The numbers of an audit as a table: one row a number, one column a reading of what is printed."""

from collections.abc import Iterator

from rich import box
from rich.markup import escape
from rich.table import Table

from orchestrator.compare.audit import Agreement, Audit, words

P_VALUES = (
    ("Welch's p", "welch_p"),
    ("permutation p (of Welch's t)", "permutation_p"),
    ("Mann–Whitney p", "mann_whitney_p"),
    ("F test's p", "f_p"),
    ("Brown–Forsythe's p", "brown_forsythe_p"),
)

OF_RUNS = ("permutation_p", "mann_whitney_p", "brown_forsythe_p")
"""Of tests that need the runs; mean, sd and n are not enough."""


def letters(audit: Audit) -> str:
    """A to C: what the readings are called."""
    return "ABC"[: len(audit.agreements)]


def rich_table(audit: Audit) -> Table:
    """For a terminal."""
    table = Table(
        title="over all sets that agree",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("")
    for letter in letters(audit):
        table.add_column(f"reading {letter}" if len(audit.agreements) > 1 else "range", justify="right")
    for row in rows(audit):
        table.add_row(*(escape(cell) for cell in row))
    return table


def rows(audit: Audit) -> Iterator[list[str]]:
    """The name of a number, then its range under each reading."""
    table, agreements = audit.table, audit.agreements
    a, b = names = tuple(arm.name for arm in table.arms)

    def values(key: str) -> list[str]:
        return [words.value_range(found.ranges.get(key), table, "+") for found in agreements]

    for place, name in enumerate(names):
        yield [f"sets of {name}", *(words.counted(found.sets[place]) for found in agreements)]
    if not all(found.by_moments for found in agreements):
        yield ["pairs of sets", *("–" if found.pairs is None else f"{found.pairs:,}" for found in agreements)]
    if not all(found.complete for found in agreements):
        yield ["pairs looked at", *(f"{found.looked_at:,}" for found in agreements)]
    for place, name in enumerate(names):
        yield [f"mean of {name}", *(words.value_range(found.means[place], table) for found in agreements)]
    for place, name in enumerate(names):
        yield [f"sd of {name}", *(words.value_range(found.sds[place], table) for found in agreements)]
    yield [f"difference {a} − {b}", *values("difference")]
    yield ["95% interval begins", *values("interval_low")]
    yield ["… ends", *values("interval_high")]
    yield [f"sd ratio {a} / {b}", *(words.ratio_range(found.ranges.get("sd_ratio")) for found in agreements)]
    for title, key in P_VALUES:
        if key != "permutation_p" or audit.permutation_is_computed:
            yield [title, *(_p(found, key) for found in agreements)]


def _p(found: Agreement, key: str) -> str:
    if found.ruled_out:
        return "–"
    if found.by_moments and key in OF_RUNS:
        return "not computed"
    return words.p_range(found.ranges[key])
