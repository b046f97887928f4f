"""Which rows train, which validate, which test.

In: a corpus' labels and groups, the split's settings, the split's random stream. Out: row numbers by part.
Never reads the texts: a worker that holds only tokens can split. `drawing.py` deals out the rows of one
official split; this file says what is wanted of each, and refuses what cannot be had.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator

from trainables.data.drawing import draw_groups, draw_rows, share_out
from trainables.errors import DataError, SettingsError
from trainables.randomness import Streams
from trainables.settings import Settings


class PartSettings(Settings):
    """One part of the split, drawn from one of the source's official splits."""

    of: str
    """The official split it is drawn from: `train`, `test`, or `all` where the source has none."""

    size: (
        Annotated[int, Field(ge=1, strict=True)]
        | Annotated[float, Field(gt=0, lt=1, strict=True)]
        | Literal["rest"]
    ) = "rest"
    """A number of rows, a share of the official split's rows, or the rows that the other parts leave over."""

    def rows_of(self, available: int) -> int | None:
        """The number of rows wanted of so many; None for the rest."""
        if self.size == "rest":
            return None
        return self.size if isinstance(self.size, int) else round(self.size * available)


def _short(value: Any) -> Any:
    """`train` in a sweep file is short for `{of: train, size: rest}`."""
    return {"of": value} if isinstance(value, str) else value


Part = Annotated[PartSettings, BeforeValidator(_short)]


class SplitSettings(Settings):
    """How the rows are dealt out. All seeds of a sweep share one split unless `varies_by_seed`."""

    train: Part = PartSettings(of="train")
    validation: Part = PartSettings(of="test", size=2500)
    test: Part | None = PartSettings(of="test")
    """The part that is touched once, at the end. None where there is nothing to spare."""

    stratify: bool = True
    """Keep each part's class shares those of its official split, within one row per class."""

    seed: int = Field(default=0, ge=0)
    """The replicate number of the split's random stream, unless `varies_by_seed`."""

    varies_by_seed: bool = False
    """Draw another split for each seed of the sweep; `seed` must then be left at 0, for it would mean nothing."""

    limit_rows: int | None = Field(default=None, ge=2)
    """Keep at most this many rows of each part, drawn with their class shares; None keeps all."""

    def replicate(self, seed: int) -> int:
        """The replicate number of the split's stream in the cell of that seed."""
        return seed if self.varies_by_seed else self.seed

    @property
    def parts(self) -> dict[str, PartSettings]:
        """The parts by name, those that judge first: how much is trained on never moves what is judged on."""
        parts = {"validation": self.validation, "test": self.test, "train": self.train}
        return {name: part for name, part in parts.items() if part is not None}

    @model_validator(mode="after")
    def _one_source_of_seeds(self) -> Self:
        if self.varies_by_seed and self.seed:
            raise ValueError(f"seed is {self.seed}, but varies_by_seed takes each cell's own seed; leave seed out")
        return self

    @model_validator(mode="after")
    def _one_rest_each(self) -> Self:
        rest: dict[str, str] = {}
        for name, part in self.parts.items():
            if part.size == "rest" and part.of in rest:
                raise ValueError(
                    f"{rest[part.of]} and {name} both ask for the rest of {part.of!r}; "
                    f"give one of them a size, e.g. {name}: {{of: {part.of}, size: 0.1}}"
                )
            if part.size == "rest":
                rest[part.of] = name
        return self


@dataclass(frozen=True, eq=False)
class PartRows:
    """The rows of one part: numbers into the official split `of`, int64, ascending, each once, read-only."""

    of: str
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Split:
    """Which rows train, which validate, which test. Parts of the same official split share no row."""

    train: PartRows
    validation: PartRows
    test: PartRows | None

    @property
    def parts(self) -> dict[str, PartRows]:
        """The parts that there are, by name, in the order train, validation, test."""
        parts = {"train": self.train, "validation": self.validation}
        return parts if self.test is None else {**parts, "test": self.test}


class LabelledRows(Protocol):
    """The rows of an official split, as texts or as tokens."""

    @property
    def labels(self) -> NDArray[np.int64]: ...
    @property
    def groups(self) -> NDArray[np.str_] | None: ...


def split_corpus(
    official: Mapping[str, LabelledRows], class_names: Sequence[str], settings: SplitSettings, seed: int
) -> Split:
    """Deal out a corpus for the cell of that seed: one split for all seeds unless it varies by them."""
    return split_rows(
        {name: rows.labels for name, rows in official.items()},
        {name: rows.groups for name, rows in official.items()},
        settings,
        Streams(settings.replicate(seed)),
        class_names,
    )


def split_rows(
    labels: Mapping[str, NDArray[np.int64]],
    groups: Mapping[str, NDArray[np.str_] | None],
    settings: SplitSettings,
    streams: Streams,
    class_names: Sequence[str] = (),
) -> Split:
    """Deal out the rows of each official split to the parts that are drawn from it.

    `labels` and `groups` map each official split to arrays of shape (rows,). A part with a size gets exactly
    so many rows, with the class shares of its official split within one row per class (unless `stratify` is
    off); `rest` gets what those leave. Where rows have groups, whole groups are dealt out, none to two parts
    of the same official split, and sizes and class shares come out near (see `drawing.draw_groups`). The draw
    comes from the stream `split/<official split>`, and from `limit/<part>` for `limit_rows`, so rows that are
    sorted by class do no harm. `class_names` serves the messages only.

    Raises `SettingsError` if the settings ask for what is not there, `DataError` if a part lacks a class.
    """
    for name, part in settings.parts.items():
        _check_official(name, part, labels)
    drawn: dict[str, PartRows] = {}
    for official in dict.fromkeys(part.of for part in settings.parts.values()):
        wanted = {name: part for name, part in settings.parts.items() if part.of == official}
        rows_of_part = _deal(official, wanted, labels[official], groups.get(official), settings, streams)
        drawn |= {name: PartRows(official, rows) for name, rows in rows_of_part.items()}
    if settings.limit_rows is not None:
        for name, part_rows in drawn.items():
            kept = _limit(settings.limit_rows, labels[part_rows.of][part_rows.rows], streams.numpy("limit", name))
            drawn[name] = PartRows(part_rows.of, part_rows.rows[kept])
    classes = np.unique(np.concatenate([labels[part.of] for part in settings.parts.values()]))
    for name, part_rows in drawn.items():
        _check_classes(name, part_rows, labels[part_rows.of], classes, class_names, settings)
        part_rows.rows.setflags(write=False)
    return Split(drawn["train"], drawn["validation"], drawn.get("test"))


def _deal(
    official: str,
    wanted: Mapping[str, PartSettings],
    labels: NDArray[np.int64],
    groups: NDArray[np.str_] | None,
    settings: SplitSettings,
    streams: Streams,
) -> dict[str, NDArray[np.int64]]:
    """The rows of each part of one official split."""
    sizes = {name: part.rows_of(len(labels)) for name, part in wanted.items()}
    asked = {name: size for name, size in sizes.items() if size is not None}
    left = len(labels) - sum(asked.values())
    said = ", ".join(f"split.{name} {size:,}" for name, size in asked.items())
    if left < 0:
        raise SettingsError(
            f"{sum(asked.values()):,} rows are asked of {official!r} ({said}), which has {len(labels):,}; "
            "ask for fewer, or for shares such as 0.1"
        )
    # The last share is the rest's, or, where nobody asks for the rest, stays unused.
    order = [*asked, *(name for name in sizes if name not in asked)]
    strata = labels if settings.stratify else np.zeros_like(labels)
    generator = streams.numpy("split", official)
    if groups is None:
        dealt = draw_rows([*asked.values(), left], strata, generator)
    else:
        dealt = draw_groups([*asked.values(), left], strata, groups, generator)
    rows_of_part = dict(zip(order, dealt, strict=False))
    for name, rows in rows_of_part.items():
        if len(rows) == 0:
            torn = " without tearing a group apart" if groups is not None and sizes[name] != 0 else ""
            raise SettingsError(
                f"split.{name} gets no row of {official!r}{torn}: it has {len(labels):,} rows, "
                f"of which are asked: {said or 'none'}; change split.{name}.size or what the other parts take"
            )
    return rows_of_part


def _limit(limit: int, labels: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """Positions of at most `limit` rows, ascending, by class shares; a rare class keeps at least one row."""
    if len(labels) <= limit:
        return np.arange(len(labels))
    classes, counts_C = np.unique(labels, return_counts=True)
    kept_C = share_out([limit, len(labels) - limit], counts_C.tolist())[0]
    while limit >= len(classes) and kept_C.min() == 0:
        kept_C[kept_C.argmax()] -= 1
        kept_C[kept_C.argmin()] += 1
    kept = [
        generator.permutation(np.flatnonzero(labels == label))[:count]
        for label, count in zip(classes, kept_C, strict=True)
    ]
    return np.sort(np.concatenate(kept))


def _check_official(name: str, part: PartSettings, labels: Mapping[str, NDArray[np.int64]]) -> None:
    if part.of not in labels:
        near = get_close_matches(part.of, labels, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        only = next(iter(labels))
        remedy = f"; for example split.{name}: {{of: {only}, size: 0.1}}" if len(labels) == 1 and not near else ""
        raise SettingsError(
            f"split.{name}.of is {part.of!r}; the data has {', '.join(map(repr, labels))}{hint}{remedy}"
        )
    if len(labels[part.of]) == 0:
        raise DataError(f"split.{name}.of is {part.of!r}, which has no rows; draw the part from another split")


def _check_classes(
    name: str,
    part: PartRows,
    labels: NDArray[np.int64],
    classes: NDArray[np.int64],
    class_names: Sequence[str],
    settings: SplitSettings,
) -> None:
    lacking = np.setdiff1d(classes, labels[part.rows])
    if len(lacking) == 0:
        return
    said = ", ".join(repr(class_names[c]) if c < len(class_names) else f"number {c}" for c in lacking[:5])
    there = int((labels == lacking[0]).sum())
    text = (
        f"split.{name} has {len(part):,} rows of {part.of!r} but none of class {said}, "
        f"of which {part.of!r} has {there:,}"
    )
    if settings.limit_rows is not None and settings.limit_rows < len(classes):
        raise SettingsError(
            f"{text}; split.limit_rows is {settings.limit_rows} for {len(classes)} classes: raise it"
        )
    if there < 2 or not settings.stratify:
        remedy = "merge or leave out rare classes" if there < 2 else "set split.stratify: true"
        raise DataError(f"{text}; {remedy}")
    raise DataError(f"{text}; give the part more rows (split.{name}.size), or leave the class out of the data")
