"""Which pairs of sets are looked at: all of them, or a sample that holds the extreme ones."""

import numpy as np
from numpy.typing import NDArray

from orchestrator.compare.audit.sets import Sets, squared_spread

Pairs = NDArray[np.int64]
"""One row a pair: the number of the first arm's set, and of the second's."""


def all_pairs(a: Sets, b: Sets) -> Pairs:
    return np.stack(np.divmod(np.arange(len(a) * len(b)), len(b)), axis=1)


def sampled_pairs(a: Sets, b: Sets, count: int, rng: np.random.Generator) -> Pairs:
    """So many drawn evenly, each once, and every pair of both arms' extreme sets.

    Where a range ends lies mostly with the extreme sets, which a drawing alone would miss.
    """
    ends = np.stack(np.meshgrid(_extremes(a), _extremes(b), indexing="ij"), axis=-1).reshape(-1, 2)
    drawn = np.stack(np.divmod(rng.choice(len(a) * len(b), count, replace=False), len(b)), axis=1)
    return np.unique(np.concatenate([ends, drawn]), axis=0)


def _extremes(sets: Sets) -> NDArray[np.int64]:
    """The sets of least and greatest sum, of least and greatest spread, about the mean and about the median."""
    about_median = np.abs(sets - np.median(sets, axis=1, keepdims=True)).sum(1)
    ends = [find(by) for by in (sets.sum(1), squared_spread(sets), about_median) for find in (np.argmin, np.argmax)]
    return np.unique(ends)
