"""What a reader of the results should know about the data: reported, not hidden.

In: a corpus and its split. Out: a `DataReport` of sizes, class balance and texts that stand more than once. One
finding alone stops a sweep: a part to judge on that is for the most part a copy of what was trained on.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from trainables.data.corpus import Corpus
from trainables.data.splits import PartRows, Split
from trainables.errors import DataError

MOST_SEEN = 0.5
"""Above this share of its texts in train, a part measures memory: refused."""


@dataclass(frozen=True)
class PartReport:
    """One part: where it comes from, its size, its rows per class, and its repeats."""

    part: str
    of: str
    rows: int
    rows_per_class: tuple[int, ...]
    repeats: int
    """Rows whose text already stands in an earlier row of the part."""

    num_groups: int | None
    """Different groups (movies), where rows have any."""


@dataclass(frozen=True)
class PairReport:
    """Two parts: what stands in both."""

    first: str
    second: str
    shared_texts: int
    """Different texts that stand in both."""

    seen_rows: int
    """Rows of `second` whose text stands in `first`."""

    shared_groups: int | None
    """Different groups that stand in both; parts drawn from the same official split never share any."""


@dataclass(frozen=True)
class DataReport:
    """What was found in a corpus and its split. Texts are the same if they are equal after `strip`."""

    class_names: tuple[str, ...]
    parts: tuple[PartReport, ...]
    pairs: tuple[PairReport, ...]

    @property
    def sentences(self) -> list[str]:
        """The findings in plain sentences: first the parts, then what stands more than once."""
        said = [self._size(part) for part in self.parts]
        for part in self.parts:
            if part.repeats:
                rows = "1 row of it repeats" if part.repeats == 1 else f"{part.repeats:,} rows of it repeat"
                said.append(f"{part.part}: {rows} the text of an earlier row.")
        for pair in self.pairs:
            if pair.shared_texts:
                said.append(f"{_texts(pair.shared_texts)} both in {pair.first} and in {pair.second}.")
            if pair.shared_groups:
                groups = "1 group stands" if pair.shared_groups == 1 else f"{pair.shared_groups:,} groups stand"
                said.append(f"{groups} both in {pair.first} and in {pair.second}.")
        return said

    def _size(self, part: PartReport) -> str:
        shares = sorted(zip(part.rows_per_class, self.class_names, strict=True), reverse=True)
        said = ", ".join(f"{100 * rows / part.rows:.1f}% {name}" for rows, name in shares[:5])
        more = f" and {len(shares) - 5} more classes" if len(shares) > 5 else ""
        groups = "" if part.num_groups is None else f", in {part.num_groups:,} groups"
        return f"{part.part}: {part.rows:,} row{'s' * (part.rows != 1)} from {part.of!r}{groups}; {said}{more}."


def data_report(corpus: Corpus, split: Split) -> DataReport:
    """Look at what the parts hold.

    Raises `DataError` if more than half of validation's or test's rows have a text that is also in train.
    """
    texts = {name: _count_texts(corpus, part) for name, part in split.parts.items()}
    groups = {name: _groups(corpus, part) for name, part in split.parts.items()}
    parts = []
    for name, part in split.parts.items():
        rows_per_class = np.bincount(corpus.splits[part.of].labels[part.rows], minlength=len(corpus.class_names))
        repeats = len(part) - len(texts[name])
        there = groups[name]
        num_groups = None if there is None else len(there)
        parts.append(PartReport(name, part.of, len(part), tuple(rows_per_class.tolist()), repeats, num_groups))
    pairs = []
    for first, second in combinations(split.parts, 2):
        shared = texts[first].keys() & texts[second].keys()
        seen_rows = sum(texts[second][text] for text in shared)
        if first == "train" and seen_rows > MOST_SEEN * len(split.parts[second]):
            raise DataError(
                f"{seen_rows:,} of the {len(split.parts[second]):,} texts of split.{second} are also in "
                "split.train, so accuracy there would measure memory; give the two parts different files, or "
                "remove the repeats"
            )
        ours, theirs = groups[first], groups[second]
        shared_groups = None if ours is None or theirs is None else len(ours & theirs)
        pairs.append(PairReport(first, second, len(shared), seen_rows, shared_groups))
    return DataReport(corpus.class_names, tuple(parts), tuple(pairs))


def _count_texts(corpus: Corpus, part: PartRows) -> Counter[str]:
    texts = corpus.splits[part.of].texts
    return Counter(texts[row].strip() for row in part.rows)


def _groups(corpus: Corpus, part: PartRows) -> frozenset[str] | None:
    groups = corpus.splits[part.of].groups
    return None if groups is None else frozenset(groups[part.rows].tolist())


def _texts(count: int) -> str:
    return "1 text stands" if count == 1 else f"{count:,} texts stand"
