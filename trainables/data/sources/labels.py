"""What a column of labels really says: which classes there are, and whether two of them are one.

In: labels as read (words, numbers, truth values), in the rows that are kept. Out: a class name for each row,
and the classes in order. Labels that are not what they seem are refused, never repaired: a class that a stray
space has cut in two would train without complaint and be wrong.
"""

import reprlib
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from trainables.errors import DataError

MOST_CLASSES = 1000
"""More than this many labels are taken for a wrong column."""

WORDS_FOR_MISSING = ("nan", "na", "n/a", "#n/a", "<na>", "null")
"""What pandas, R, Excel and databases write where a value is missing. A class of that name must be declared."""


def label_names(where: str, labels: Sequence[Any], rows: Sequence[int]) -> list[str]:
    """The labels of these rows as names, in order. Raises `DataError` if some are missing or of another kind."""
    missing = [row for row in rows if _missing(labels[row])]
    if missing:
        count = f"{len(missing):,} of {len(rows):,} rows" if len(missing) > 1 else f"1 of {len(rows):,} rows"
        raise DataError(
            f"{where}: the label is missing or blank in {count}, first in row {missing[0] + 1:,}; "
            "label those rows or leave them out"
        )
    first: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        kind = _kind(labels[row])
        first.setdefault(kind, row)
        counts[kind] += 1
    if len(counts) > 1:
        seen = " and ".join(
            f"{kind} ({labels[first[kind]]!r} in row {first[kind] + 1:,}; {_rows(count)})"
            for kind, count in counts.most_common()
        )
        raise DataError(f"{where}: the labels are of two kinds, {seen}; write them all in one way")
    return [_name(where, labels[row], row) for row in rows]


def class_names_of(names: Mapping[str, Sequence[str]], given: Sequence[str] | None) -> list[str]:
    """The classes in order: as given, else numbers by size, else words by alphabet.

    `names` maps each table to its rows' label names. Raises `DataError` if two labels seem to be one, if there
    are fewer than two classes, or if labels and `given` do not fit together.
    """
    counts = Counter(name for there in names.values() for name in there)
    tables = ", ".join(names)
    seeming: dict[Decimal | str, str] = {}
    for name, count in counts.items():
        other = seeming.setdefault(_as_read(name), name)
        if other != name:
            raise DataError(
                f"{tables}: the labels {other!r} ({_rows(counts[other])}) and {name!r} ({_rows(count)}) differ "
                "only in case, space or how a number is written; write them in one way"
            )
    if given is not None:
        _check_given(tables, counts, given)
        return list(given)
    for name, count in counts.items():
        if _as_read(name) in WORDS_FOR_MISSING:
            raise DataError(
                f"{tables}: {_rows(count)} {'has' if count == 1 else 'have'} the label {name!r}, which is how a "
                "missing label is written; label those rows or leave them out, or, if it is a class of that name, "
                "list all classes in data.labels"
            )
    if len(counts) < 2:
        raise DataError(
            f"{tables}: every row has the label {next(iter(counts))!r}; two classes or more are needed: "
            "add rows of another class, or set data.label_column"
        )
    if len(counts) > MOST_CLASSES or (len(counts) > 20 and 2 * len(counts) > sum(counts.values())):
        raise DataError(
            f"{tables}: {len(counts):,} different labels in {sum(counts.values()):,} rows, such as "
            f"{reprlib.repr(next(iter(counts)))}; set data.label_column to the column of classes"
        )
    numbers = {name: number for name in counts if (number := _number(name)) is not None}
    return sorted(counts, key=numbers.__getitem__) if len(numbers) == len(counts) else sorted(counts)


def _check_given(tables: str, counts: Mapping[str, int], given: Sequence[str]) -> None:
    for name in counts:
        if name not in given:
            near = get_close_matches(name, given, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise DataError(
                f"{tables}: the label {name!r} ({_rows(counts[name])}) is not among data.labels, "
                f"{', '.join(map(repr, given))}{hint}; name all labels there, or drop data.labels"
            )
    for name in given:
        if name not in counts:
            raise DataError(f"{tables}: no row has the label {name!r} of data.labels; drop it there")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _missing(label: Any) -> bool:
    return label is None or label != label or (isinstance(label, str) and not label.strip())


def _kind(label: Any) -> str:
    # bool before int: True is an int to Python.
    if isinstance(label, bool):
        return "truth values"
    return "numbers" if isinstance(label, (int, float)) else "words" if isinstance(label, str) else "neither"


def _name(where: str, label: Any, row: int) -> str:
    if isinstance(label, str):
        return label
    if isinstance(label, float) and label.is_integer():
        return str(int(label))  # A column with a gap makes floats of whole numbers.
    if isinstance(label, (bool, int)):
        return str(label)
    raise DataError(
        f"{where}: the label in row {row + 1:,} is {label!r:.60}; labels must be words or whole numbers: "
        "set data.label_column"
    )


def _as_read(name: str) -> Decimal | str:
    """What a reader would take the label for."""
    number = _number(name)
    return " ".join(name.casefold().split()) if number is None else number


def _number(name: str) -> Decimal | None:
    """The label as a number; None for words, which infinity is, too.

    A decimal one: an integer of Python may not have over 4,300 digits, and a float confounds such as only differ
    after the sixteenth.
    """
    try:
        number = Decimal(name)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
