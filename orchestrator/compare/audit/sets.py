"""Every set of runs that keeps to given bounds: sorted integers, built up from the smallest run."""

import numpy as np
from numpy.typing import NDArray

from orchestrator.compare.audit.bounds import Bounds

Sets = NDArray[np.int64]
"""One row a set, its runs in ascending order, in steps of the grid."""


def agreeing_sets(bounds: Bounds, most: int) -> Sets | None:
    """All of them, in a set order; None where more than `most` (or beginnings of sets) come into question."""
    low, high = bounds.by_place()
    begun = np.empty((1, 0), dtype=np.int64)
    if bounds.empty or (low > high).any():
        return np.empty((0, bounds.n), dtype=np.int64)
    for place in range(bounds.n):
        first, last = _next_runs(begun, place, low, high, bounds)
        choices = np.maximum(0, last - first + 1)
        # Asked in floating point, which does not overflow.
        if choices.sum(dtype=np.float64) > most:
            return None
        rows = np.repeat(np.arange(len(begun)), choices)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(choices) - choices, choices)
        begun = np.column_stack([begun[rows], first[rows] + within])
        begun = begun[_not_too_wide(begun, bounds)]
    return begun[_wide_enough(begun, bounds)]


def squared_spread(sets: Sets) -> NDArray[np.int64]:
    """n Σx² − (Σx)² of each set: n (n − 1) times its variance."""
    if not sets.size:
        return np.zeros(len(sets), dtype=np.int64)
    shifted = sets - sets.min()
    spread: NDArray[np.int64] = sets.shape[1] * (shifted**2).sum(1) - shifted.sum(1) ** 2
    return spread


def _next_runs(begun: Sets, place: int, low: Sets, high: Sets, bounds: Bounds) -> tuple[Sets, Sets]:
    """From where to where the next run of each beginning may lie, for the total still to be met."""
    sums = begun.sum(1)
    previous = begun[:, -1] if place else np.full(1, low[0])
    first = np.maximum(previous, low[place])
    # The runs that follow are at the most as large as they can be …
    first = np.maximum(first, bounds.total.low - sums - high[place + 1 :].sum())
    # … and at the least as large as this one.
    values = np.arange(low[place], high[place] + 1)
    least = values + sum((np.maximum(values, later) for later in low[place + 1 :]), np.zeros_like(values))
    last = low[place] - 1 + np.searchsorted(least, bounds.total.high - sums, side="right")
    if bounds.two_middles and place == bounds.n // 2:
        first = np.maximum(first, bounds.middle.low - previous)
        last = np.minimum(last, bounds.middle.high - previous)
    return first, last


def _not_too_wide(begun: Sets, bounds: Bounds) -> NDArray[np.bool_]:
    """Squared distances from the mean only add up with further runs; `squared_spread` of k runs is k times them."""
    if bounds.spreads is None:
        return np.ones(len(begun), dtype=bool)
    widest = max(span.high for span in bounds.spreads)
    kept: NDArray[np.bool_] = squared_spread(begun) * bounds.n <= widest * begun.shape[1]
    return kept


def _wide_enough(sets: Sets, bounds: Bounds) -> NDArray[np.bool_]:
    if bounds.spreads is None:
        return np.ones(len(sets), dtype=bool)
    spread = squared_spread(sets)
    kept = np.zeros(len(sets), dtype=bool)
    for span in bounds.spreads:
        kept |= (span.low <= spread) & (spread <= span.high)
    return kept
