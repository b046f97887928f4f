"""Labelled texts in memory: what a source gives, and what everything after it reads.

In: rows from a source. Out: a `Corpus`, whose fingerprint is a hash of its contents and of nothing else, so that
the same reviews read from a hub, a folder or a CSV are the same data.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LabelledTexts:
    """The rows of one official split, in the source's order.

    `labels` has shape (rows,), int64, values in [0, C). `groups`, where rows belong together (reviews of one
    movie), has shape (rows,) of strings; a split never tears a group apart.
    """

    texts: list[str]
    labels: NDArray[np.int64]
    groups: NDArray[np.str_] | None = None

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Corpus:
    """All official splits of a data set (a source without an official split gives one, `all`)."""

    splits: Mapping[str, LabelledTexts]
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What the source wants its user to know, one sentence each."""

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of class names and of every split's name, texts, labels and groups, in order."""
        digest = hashlib.sha256()

        def add(text: str) -> None:
            data = text.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "little"))
            digest.update(data)

        add(f"{len(self.class_names)} classes")
        for name in self.class_names:
            add(name)
        for split_name, rows in sorted(self.splits.items()):
            add(f"split {split_name}: {len(rows)} rows")
            for text in rows.texts:
                add(text)
            digest.update(rows.labels.astype("<i8").tobytes())
            for group in () if rows.groups is None else rows.groups:
                add(str(group))
        return digest.hexdigest()
