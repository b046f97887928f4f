"""Which rows of the token table a cell can ever read.

A row that is never read has no gradient and no moments, so Adam and AdamW only shrink it: training the table cut
to the live rows is exact, and several times faster. The full table has one row for each id of the encoding and a
last one for the unknown token; `live` names the rows that are kept.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Vocabulary:
    """The cut: `live` (V,) int64, ascending rows of the full table; `dense` (full rows,) int32, their places.

    `dense` holds -1 for an id that is neither live nor covered by an unknown token.
    """

    full_rows: int
    live: NDArray[np.int64]
    dense: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.live)


def cut_vocabulary(
    train_ids: NDArray[np.int32], other_ids: NDArray[np.int32], vocabulary_size: int, min_count: int | None
) -> Vocabulary:
    """Keep what the cell's parts use.

    Without `min_count` every id in use keeps its own row. With it, only ids that occur at least that often in
    training do; all others share the unknown row, also those that training never shows.
    """
    full_rows = vocabulary_size + 1
    unknown = vocabulary_size
    counts = np.bincount(train_ids, minlength=full_rows)
    if min_count is None:
        live = np.flatnonzero(counts + np.bincount(other_ids, minlength=full_rows))
        dense = np.full(full_rows, -1, np.int32)
    else:
        live = np.append(np.flatnonzero(counts >= min_count), unknown)
        dense = np.full(full_rows, len(live) - 1, np.int32)
    dense[live] = np.arange(len(live), dtype=np.int32)
    return Vocabulary(full_rows=full_rows, live=live.astype(np.int64), dense=dense)
