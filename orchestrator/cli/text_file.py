"""The file whose column `seedwise predict --csv` labels: read like the data of a sweep, written as it came."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd

from search_spaces.faults import did_you_mean
from trainables.data.sources.reading import Columns, Remedies, find_file, read_columns
from trainables.errors import DataError

OPTIONS = Remedies(separator="--separator", unquoted="--unquoted")


ADDED = ("predicted_label", "predicted_probability")
"""The columns that the output has beside the file's own."""


@dataclass(frozen=True)
class TextFile:
    """Which file, which column, and how its fields are parted, as the command line says it."""

    path: Path
    text_column: str
    separator: str | None
    quoted: bool

    @classmethod
    def chosen(cls, path: Path | None, text_column: str, separator: str | None, *, quoted: bool) -> Self | None:
        """None where no file is named. Raises DataError where only its form is."""
        if path is not None:
            return cls(path, text_column, separator, quoted)
        if separator is not None or not quoted:
            raise DataError("--separator and --unquoted say how the file of --csv is read; name it with --csv")
        return None

    def read(self, added: Sequence[str] = ()) -> "TextTable":
        """Raises DataError where the file or the column is not there, a row has no text, or a column that is to be
        added is there already."""
        try:
            file = find_file(self.path)
        except DataError as error:
            raise DataError(f"--csv: {error}") from error
        columns = read_columns(file, separator=_one_character(self.separator), quoted=self.quoted, remedies=OPTIONS)
        if self.text_column not in columns.names:
            hint = did_you_mean(self.text_column, columns.names)
            raise DataError(
                f"{self.path} has no column {self.text_column!r} (it has: {', '.join(columns.names)}){hint}; "
                "name it with --text-column"
            )
        if there := [name for name in added if name in columns.names]:
            raise DataError(
                f"{self.path} has a column {there[0]!r} already, which predict would put its own in the place of; "
                "rename it in the file"
            )
        texts = columns.get(self.text_column)
        without = [row for row, text in enumerate(texts, start=1) if not isinstance(text, str) or not text.strip()]
        if without:
            value = texts[without[0] - 1]
            what = f"{value!r:.40}, which is no text," if value and not isinstance(value, str) else "empty"
            raise DataError(
                f"{self.path}: column {self.text_column!r} is {what} in row {without[0]:,} "
                f"({len(without):,} of {len(texts):,} rows); leave such rows out"
            )
        return TextTable(columns, [str(text) for text in texts])


@dataclass(frozen=True)
class TextTable:
    """What was read."""

    columns: Columns
    texts: list[str]

    def print_with(self, labels: Sequence[str], probabilities: Sequence[float]) -> None:
        """All its columns, then `ADDED`, parted as they were in the file."""
        frame = pd.DataFrame({name: self.columns.get(name) for name in self.columns.names}, dtype=object)
        added: dict[str, Any] = dict(zip(ADDED, (labels, probabilities), strict=True))
        frame.assign(**added).to_csv(sys.stdout, sep=self.columns.separator, index=False)


def _one_character(separator: str | None) -> str | None:
    """A tab is hard to type in a shell."""
    if separator in ("tab", "\\t"):
        return "\t"
    if separator is not None and len(separator) != 1:
        raise DataError(f"--separator is {separator!r}; it must be one character, or tab")
    return separator
