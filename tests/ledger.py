"""What a fault left, measured against a run that nothing disturbed, and kept for the table of docs/reliability.md.

A test of a fault ends with `assert_as_undisturbed(…)`; or it asserts as much by itself, and is marked
`@pytest.mark.fault("what befalls")` or calls `note_nothing_lost`. Where the environment names a file, as it does
under `make test-faults`, the row goes there too; `python tests/ledger.py ROWS PAGE` then writes the table into the
page.
"""

import json
import os
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

LEDGER_VARIABLE = "SEEDWISE_FAULT_LEDGER"
BEGIN, END = "<!-- faults -->\n", "<!-- end of faults -->"


@dataclass(frozen=True)
class Row:
    """One fault that was tried; all but the first two and `kills` must be 0."""

    fault: str
    times: int
    kills: int
    cells_lost: int
    runs_doubled: int
    points_doubled: int
    runs_left_running: int
    cells_that_differ: int
    """In history (but for times and speed), predictions, weights or result, by a single bit."""


def assert_as_undisturbed(
    fault: str, home: Path, reference: Path, *, times: int = 1, kills: int = 0, sweep: str = "quickstart"
) -> None:
    """The home holds what the reference holds, and MLflow holds it once."""
    from cells import assert_same_bits
    from recorded import recorded_runs

    from orchestrator.results import ResultTable

    table, expected = ResultTable.open(sweep, home), ResultTable.open(sweep, reference)
    assert set(table.frame["key"]) == set(expected.frame["key"])
    differ = 0
    for key in table.frame["key"]:
        try:
            assert_same_bits(_only(table, key), expected)
        except (AssertionError, KeyError):
            differ += 1
    client, parents, children = recorded_runs(home)
    runs = Counter(run.data.tags["seedwise.cell"] for run in children)
    doubled = 0
    for run in children:
        for metric in run.data.metrics:
            steps = [point.step for point in client.get_metric_history(run.info.run_id, metric)]
            doubled += len(steps) - len(set(steps))
    row = Row(
        fault=fault,
        times=times,
        kills=kills,
        cells_lost=int((table.frame["status"] != "finished").sum()) + len(set(table.frame["key"]) - runs.keys()),
        runs_doubled=runs.total() - len(runs) + len(parents) - 1,
        points_doubled=doubled,
        runs_left_running=sum(run.info.status == "RUNNING" for run in (*parents, *children)),
        cells_that_differ=differ,
    )
    note(row)
    assert row == Row(fault, times, kills, 0, 0, 0, 0, 0), row


def note(row: Row) -> None:
    """Keep it for the table, where there is to be one."""
    if os.environ.get(LEDGER_VARIABLE):
        with Path(os.environ[LEDGER_VARIABLE]).open("a") as ledger:
            ledger.write(json.dumps(asdict(row)) + "\n")


def note_nothing_lost(fault: str) -> None:
    """For a test that has asserted so by itself."""
    note(Row(fault, 1, 0, 0, 0, 0, 0, 0))


def _only(table, key):  # type: ignore[no-untyped-def]
    plan = {**table.plan, "cells": [cell for cell in table.plan["cells"] if cell["key"] == key]}
    return type(table)(plan, table.cells)


def table_of(rows: list[Row]) -> str:
    """Markdown; the rows of one fault are added up."""
    faults = list(dict.fromkeys(row.fault for row in rows))
    head = (
        "fault",
        "times tried",
        "kills",
        "cells lost",
        "runs doubled",
        "points doubled",
        "left RUNNING",
        "cells that differ",
    )
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for fault in faults:
        numbers = [list(asdict(row).values())[1:] for row in rows if row.fault == fault]
        lines.append(
            "| " + " | ".join([fault, *(str(sum(column)) for column in zip(*numbers, strict=True))]) + " |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    source, page = Path(sys.argv[1]), Path(sys.argv[2])
    found = [Row(**json.loads(line)) for line in source.read_text().splitlines()]
    before, _, rest = page.read_text().partition(BEGIN)
    page.write_text(before + BEGIN + "\n" + table_of(found) + "\n" + END + rest.partition(END)[2])
