"""From the columns of a table to labelled texts: what all sources of people's own data share.

In: one `Table` per official split, as read. Out: a `Corpus`, after checking that texts are texts and that labels
are what they seem. A source only reads; whatever may be wrong with its rows is found, counted and said here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np

from trainables.data.corpus import Corpus, LabelledTexts
from trainables.data.sources.labels import class_names_of, label_names
from trainables.data.sources.reading import Columns
from trainables.errors import DataError


@dataclass(frozen=True)
class Table:
    """Three columns of one official split, of equal length, as Python values; None where a value is missing."""

    where: str
    """What to call it in messages: a file's path, or a data set and its split."""

    texts: Sequence[Any]
    labels: Sequence[Any]
    groups: Sequence[Any] | None = None


def pick_columns(where: str, columns: Columns, text: str, label: str, group: str | None) -> Table:
    """The table of the named columns. Raises `DataError` listing the columns there are if one is missing."""
    for setting, name in (("text_column", text), ("label_column", label), ("group_column", group)):
        if name is not None and name not in columns.names:
            raise DataError(_missing_column(where, setting, name, columns.names))
    return Table(where, columns.get(text), columns.get(label), None if group is None else columns.get(group))


def _missing_column(where: str, setting: str, name: str, there: Sequence[str]) -> str:
    near = get_close_matches(name, there, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return f"{where}: there is no column {name!r}; the columns are {_quoted(there)}{hint}; set data.{setting}"


def build_corpus(
    tables: Mapping[str, Table],
    *,
    empty_texts: Literal["error", "drop"],
    class_names: Sequence[str] | None = None,
    notes: Sequence[str] = (),
) -> Corpus:
    """The corpus of these tables. `class_names` are the labels in their order; None takes them from the data.

    Raises `DataError`, naming the table, the count, the first row (counted from 1, without a header) and the
    remedy, for: a table without rows; texts that are not texts; empty texts, unless they are to be dropped;
    labels missing, of two kinds, or differing only in case, space or the way a number is written; fewer than two
    classes; rows without a group.
    """
    notes = list(notes)
    kept: dict[str, list[int]] = {}
    for split, table in tables.items():
        kept[split] = _rows_with_text(table, empty_texts)
        dropped = len(table.texts) - len(kept[split])
        if dropped:
            notes.append(f"{table.where}: left out {dropped:,} of {len(table.texts):,} rows, whose text was empty.")
    names = {split: label_names(table.where, table.labels, kept[split]) for split, table in tables.items()}
    classes = class_names_of({tables[split].where: there for split, there in names.items()}, class_names)
    number = {name: place for place, name in enumerate(classes)}
    splits = {
        split: LabelledTexts(
            [table.texts[row] for row in kept[split]],
            np.array([number[name] for name in names[split]], np.int64),
            _groups(table, kept[split]),
        )
        for split, table in tables.items()
    }
    return Corpus(splits, tuple(classes), tuple(notes))


def _first_and_count(rows: Sequence[int]) -> str:
    """`3 rows, the first is row 17`: rows counted from 1."""
    return f"{len(rows):,} rows, the first is row {rows[0] + 1:,}" if len(rows) > 1 else f"row {rows[0] + 1:,}"


def _rows_with_text(table: Table, empty_texts: Literal["error", "drop"]) -> list[int]:
    if len(table.texts) == 0:
        raise DataError(f"{table.where} has no rows; give a file or a split with labelled texts")
    wrong = [row for row, text in enumerate(table.texts) if not isinstance(text, str) and not _missing(text)]
    if wrong:
        value = table.texts[wrong[0]]
        raise DataError(
            f"{table.where}: the text column holds {type(value).__name__} values where texts are expected "
            f"({_first_and_count(wrong)}: {value!r:.60}); set data.text_column to the column of texts"
        )
    empty = [row for row, text in enumerate(table.texts) if _missing(text) or not text.strip()]
    if empty and empty_texts == "error":
        raise DataError(
            f"{table.where}: the text is empty in {_first_and_count(empty)}; "
            "mend the data, or leave such rows out with data.empty_texts: drop"
        )
    if len(empty) == len(table.texts):
        raise DataError(f"{table.where}: every one of the {len(empty):,} texts is empty; set data.text_column")
    gone = set(empty)
    return [row for row in range(len(table.texts)) if row not in gone]


def _groups(table: Table, kept: Sequence[int]) -> np.ndarray[Any, np.dtype[np.str_]] | None:
    if table.groups is None:
        return None
    without = [row for row in kept if _missing(table.groups[row]) or not str(table.groups[row]).strip()]
    if without:
        raise DataError(
            f"{table.where}: the group is missing in {_first_and_count(without)}; "
            "give each row a group (rows that belong to nothing: one of their own), or drop data.group_column"
        )
    return np.array([str(table.groups[row]) for row in kept], np.str_)


def _missing(value: Any) -> bool:
    return value is None or value != value  # NaN alone differs from itself.


def _quoted(names: Sequence[str], most: int = 20) -> str:
    said = ", ".join(map(repr, names[:most]))
    return said if len(names) <= most else f"{said} and {len(names) - most} more"
