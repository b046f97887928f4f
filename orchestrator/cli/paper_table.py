"""The printed table that `seedwise audit` is asked about: from a CSV file, or from one text for each arm."""

import csv
from collections.abc import Mapping
from pathlib import Path

from orchestrator.compare.audit import Printed, PrintedArm, PrintedTable, Statistic, TableError, Unit
from search_spaces.faults import unknown

KEYS = ("n", *map(str, Statistic))
NAME = "arm"


def table_of(
    file: Path | None, summaries: tuple[str | None, str | None], n: int | None, items: int, unit: str | None
) -> PrintedTable:
    """Raises TableError where it is no summary of two arms; `n` is taken where an arm says none of its own."""
    a, b = summaries
    if file is not None:
        if a is not None or b is not None:
            raise TableError(f"both {file} and --a or --b are given; leave one of them out")
        arms = _from_file(file, n)
    elif a is None or b is None:
        raise TableError("two arms are needed: give a CSV file, or --a and --b")
    else:
        arms = (_from_text(a, "--a", "A", n), _from_text(b, "--b", "B", n))
    return PrintedTable.of(arms, items, None if unit is None else Unit(unit))


def _from_text(text: str, option: str, default_name: str, n: int | None) -> PrintedArm:
    """`BCE: n=5 min=85.48 …`; what stands before the last colon is the name."""
    name, _, rest = text.rpartition(":")
    given: dict[str, str] = {}
    for word in rest.replace(",", " ").split():
        key, equals, value = word.partition("=")
        if not equals:
            raise TableError(f"{option}: {word!r} is no KEY=VALUE, such as mean=86.1")
        if key not in KEYS:
            raise TableError(f"{option}: {key} is no number that is audited{unknown(key, KEYS)}")
        if key in given:
            raise TableError(f"{option}: {key} is given twice")
        given[key] = value
    return _arm(name.strip() or default_name, given, n, option)


def _from_file(path: Path, n: int | None) -> tuple[PrintedArm, PrintedArm]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not UTF-8 (byte {error.object[error.start]:#04x}); convert it") from error
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}") from error
    lines = [line for line in text.splitlines() if line.strip()]
    separator = max(",;\t", key=lines[0].count) if lines else ","
    header, *rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)] or [[]]
    columns = [column.lower() for column in header]
    for column in columns:
        if column not in (NAME, *KEYS):
            raise TableError(
                f"{path}: there is no column {column!r} in such a table{unknown(column, (NAME, *KEYS))}"
            )
        if columns.count(column) > 1:
            raise TableError(f"{path}: there are two columns {column}")
    if NAME not in columns or len(rows) != 2:
        raise TableError(
            f"{path}: {len(rows)} rows under {', '.join(columns) or 'no header'}; "
            f"it must be two, one for each arm, under a header with the column {NAME}"
        )
    first, second = (_from_row(row, columns, number, n, path) for number, row in enumerate(rows, start=1))
    return first, second


def _from_row(row: list[str], columns: list[str], number: int, n: int | None, path: Path) -> PrintedArm:
    where = f"{path}, row {number}"
    if len(row) != len(columns):
        raise TableError(f"{where}: {len(row)} cells under {len(columns)} columns")
    given = {column: cell for column, cell in zip(columns, row, strict=True) if cell}
    return _arm(given.pop(NAME, "AB"[number - 1]), given, n, where)


def _arm(name: str, given: Mapping[str, str], n: int | None, where: str) -> PrintedArm:
    numbers = {}
    for statistic in Statistic:
        if statistic in given:
            try:
                numbers[statistic] = Printed.read(given[statistic])
            except TableError as error:
                raise TableError(f"{where}: {statistic}: {error}") from error
    return PrintedArm(name, _runs(given, n, where), numbers)


def _runs(given: Mapping[str, str], n: int | None, where: str) -> int:
    if "n" not in given:
        if n is None:
            raise TableError(f"{where}: how many runs? Say --n 5, or n=5 with the arm")
        return n
    if not given["n"].isdecimal():
        raise TableError(f"{where}: n is {given['n']!r}; it must be a number of runs")
    return int(given["n"])
