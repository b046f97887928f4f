"""Rows to batches: shuffled, truncated, mapped to the cut vocabulary, and packed without padding.

In: `TokenizedRows`, the rows of one part, a `Vocabulary`, named random streams. Out: `PackedBatch`es, in which the
items' tokens stand one after another, shortest item first. Models work on the flat tokens; only attention asks
for rectangles, and gets them by group of like length. So a batch keeps its contents whatever its padding.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainables.data.tokens import TokenizedRows, TokenSettings
from trainables.data.vocabulary import Vocabulary
from trainables.randomness import Streams

GROUP_ITEMS = 8
"""Items in a group of like length. Measured on one CPU thread, 4 to 8 are best and 16 is a tenth slower."""


@dataclass(frozen=True)
class LengthGroup:
    """Consecutive items of a packed batch, seen as a rectangle (items n, places L).

    `index_nL` holds token numbers counted from the group's first token (0 at padded places), `real_nL` is True
    where a place is a token; both are None where all items have the same length.
    """

    first_token: int
    num_tokens: int
    num_items: int
    index_nL: Tensor | None
    real_nL: Tensor | None

    def pad(self, tokens_TD: Tensor) -> Tensor:
        """The group's tokens as (n, L, D); padded places repeat the group's first token."""
        own_tD = tokens_TD[self.first_token : self.first_token + self.num_tokens]
        if self.index_nL is None:
            return own_tD.view(self.num_items, -1, own_tD.shape[-1])
        padded = own_tD.index_select(0, self.index_nL.reshape(-1))
        return padded.view(*self.index_nL.shape, own_tD.shape[-1])

    def unpad(self, rectangle_nLD: Tensor) -> Tensor:
        """The real places of (n, L, D), flat again: (t, D)."""
        flat = rectangle_nLD.reshape(-1, rectangle_nLD.shape[-1])
        return flat if self.real_nL is None else flat[self.real_nL.reshape(-1)]


@dataclass(frozen=True)
class PackedBatch:
    """N items with T tokens in all, shortest item first.

    `ids_T` are places in the cut vocabulary, `positions_T` each token's place in its truncated text, `lengths_N`
    tokens an item (at least 1), `labels_N` classes, `rows_N` the items' row numbers in their official split.
    """

    ids_T: Tensor
    positions_T: Tensor
    lengths_N: Tensor
    labels_N: Tensor
    rows_N: NDArray[np.int64]

    @cached_property
    def starts_N(self) -> Tensor:
        """The first token of each item."""
        return self.lengths_N.cumsum(0) - self.lengths_N

    @cached_property
    def groups(self) -> tuple[LengthGroup, ...]:
        """The batch in groups of like length, in order."""
        groups: list[LengthGroup] = []
        lengths_N = self.lengths_N.cpu()
        for start in range(0, len(lengths_N), GROUP_ITEMS):
            lengths_n = lengths_N[start : start + GROUP_ITEMS]
            first = groups[-1].first_token + groups[-1].num_tokens if groups else 0
            longest = int(lengths_n[-1])
            index = real = None
            if int(lengths_n[0]) != longest:
                places_L = torch.arange(longest)
                real = places_L < lengths_n[:, None]
                starts_n = lengths_n.cumsum(0) - lengths_n
                index = torch.where(real, starts_n[:, None] + places_L, 0)
                index, real = index.to(self.ids_T.device), real.to(self.ids_T.device)
            groups.append(LengthGroup(first, int(lengths_n.sum()), len(lengths_n), index, real))
        return tuple(groups)

    def to(self, device: torch.device) -> "PackedBatch":
        if device.type == "cpu":
            return self

        def moved(tensor: Tensor) -> Tensor:
            return tensor.pin_memory().to(device, non_blocking=True)

        return PackedBatch(
            ids_T=moved(self.ids_T),
            positions_T=moved(self.positions_T),
            lengths_N=moved(self.lengths_N),
            labels_N=moved(self.labels_N),
            rows_N=self.rows_N,
        )


@dataclass(frozen=True)
class PartBatches:
    """The batches of one part: over and over in training order, or once in row order."""

    source: TokenizedRows
    rows: NDArray[np.int64]
    vocabulary: Vocabulary
    tokens: TokenSettings
    batch_size: int

    def __len__(self) -> int:
        """Batches in one epoch; the last may be smaller."""
        return -(-len(self.rows) // self.batch_size)

    def in_order(self) -> Iterator[PackedBatch]:
        """Every row once, by row number, nothing dropped."""
        for start in range(0, len(self.rows), self.batch_size):
            yield self._pack(self.rows[start : start + self.batch_size])

    def shuffled(
        self, streams: Streams, epoch: int, first_step: int, token_dropout: float, skip: int = 0
    ) -> Iterator[PackedBatch]:
        """One training epoch: order from the stream `order/<epoch>`, dropped tokens from `tokens/<step>`.

        `skip`: batches at its beginning that are left out, for they have been trained.
        """
        order = self.rows[streams.numpy("order", epoch).permutation(len(self.rows))]
        for number, start in list(enumerate(range(0, len(order), self.batch_size)))[skip:]:
            dropped = streams.numpy("tokens", first_step + number) if token_dropout else None
            yield self._pack(order[start : start + self.batch_size], dropped, token_dropout)

    def _pack(
        self, rows: NDArray[np.int64], dropped: np.random.Generator | None = None, rate: float = 0.0
    ) -> PackedBatch:
        ids, positions, lengths = gather(self.source, rows, self.tokens)
        assert lengths.min() >= 1, "a text without tokens"
        if dropped is not None:
            kept = dropped.random(len(ids), np.float32) >= rate
            # An item keeps its first token if it would lose all of them.
            starts = np.cumsum(lengths) - lengths
            empty = np.add.reduceat(kept, starts) == 0
            kept[starts[empty]] = True
            lengths = np.add.reduceat(kept.astype(np.int64), starts)
            ids, positions = ids[kept], positions[kept]
        by_length = np.argsort(lengths, kind="stable")
        place = _concatenated_ranges((np.cumsum(lengths) - lengths)[by_length], lengths[by_length])
        dense = self.vocabulary.dense[ids[place]]
        assert dense.min() >= 0, "a token outside the cut vocabulary"
        return PackedBatch(
            ids_T=torch.from_numpy(dense),
            positions_T=torch.from_numpy(positions[place]),
            lengths_N=torch.from_numpy(lengths[by_length]),
            labels_N=torch.from_numpy(self.source.labels[rows[by_length]]),
            rows_N=rows[by_length],
        )


def gather(
    source: TokenizedRows, rows: NDArray[np.int64], tokens: TokenSettings
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """The truncated ids of the rows, one after another, each token's position, and the rows' lengths.

    Copies: the shared arrays are only read.
    """
    starts, full = source.offsets[rows], source.lengths[rows]
    lengths = np.minimum(full, tokens.max_length)
    positions = _concatenated_ranges(np.zeros_like(lengths), lengths)
    cut = full - lengths
    if tokens.truncate == "head" or not cut.any():
        skipped: NDArray[np.int64] | int = 0
    elif tokens.truncate == "tail":
        skipped = np.repeat(cut, lengths)
    else:
        head = (tokens.max_length + 1) // 2
        skipped = np.where(positions < head, 0, np.repeat(cut, lengths))
    return source.ids[np.repeat(starts, lengths) + positions + skipped], positions, lengths


def _concatenated_ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """`starts[0], …, starts[0] + lengths[0] - 1, starts[1], …`."""
    before = np.cumsum(lengths) - lengths
    ranges: NDArray[np.int64] = np.arange(lengths.sum(), dtype=np.int64) + np.repeat(starts - before, lengths)
    return ranges
