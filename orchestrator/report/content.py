"""What a section of the report consists of, whatever it is rendered as: text, tables, pictures that can be drawn.

Text is plain: each renderer escapes what it would take for markup.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Said:
    """Sentences under a heading."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of text. The first column names the row, or a group of rows: those after it that have none."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[str]
    """Columns that hold words; all others hold numbers."""
    grouped: bool = False

    @classmethod
    def of(
        cls,
        caption: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        words: Sequence[str] = (),
        *,
        grouped: bool = False,
    ) -> "Table":
        """The first column holds words, with those that are named."""
        return cls(caption, tuple(columns), tuple(map(tuple, rows)), frozenset([columns[0], *words]), grouped)

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """Where a group's name can stand over its rows, it needs no column."""
        return self.columns[1:] if self.grouped else self.columns

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, ...]]]]:
        """Each with the name that stands over it, its rows by `shown_columns`; one where nothing is grouped."""
        if not self.grouped:
            return [("", list(self.rows))]
        groups: list[tuple[str, list[tuple[str, ...]]]] = []
        for name, *cells in self.rows:
            if name:
                groups.append((name, []))
            groups[-1][1].append(tuple(cells))
        return groups


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure, drawn when it is asked for: most readers of the text want none."""

    stem: str
    """Of its files."""
    sees: str
    """One sentence: what is to be seen in it. Stands below it, and for it where it cannot be seen."""
    draw: Callable[[], Figure]


Part = Said | Table | Picture


@dataclass(frozen=True, eq=False)
class Section:
    """A heading, one sentence that says what to see, and what there is to be seen."""

    name: str
    """Its anchor, and its place in the JSON."""
    heading: str
    sees: str
    parts: tuple[Part, ...]
    numbers: Any = None
    """What it was computed to, as dataclasses, lists and plain values: for the JSON. None: nothing of its own."""

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(part for part in self.parts if isinstance(part, Picture))
