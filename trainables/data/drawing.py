"""How the rows of one official split are dealt out to its parts.

In: how many rows each part wants, each row's class and group, a random generator. Out: the rows of each part.
Pure functions; they know nothing of settings, names, or why a part wants so many.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def share_out(sizes_P: Sequence[int], counts_C: Sequence[int]) -> Rows:
    """How many rows of each class each part gets, shape (P, C): exact sums, fair within one row.

    `sizes_P` are the parts' sizes and must add up to the sum of `counts_C`, the classes' rows. Each entry is
    its fair share, size × count / total, rounded up or down. With two parts this is the largest-remainder
    rule; with more, that rule for one part after another can run into a corner where a part's size no longer
    fits, so the rounding is made along cycles of the table (Cox, "A Constructive Procedure for Unbiased
    Controlled Rounding", JASA 1987), without its random choice: the larger remainder is rounded up.
    """
    sizes, counts = np.asarray(sizes_P, np.int64), np.asarray(counts_C, np.int64)
    total = int(counts.sum())
    assert int(sizes.sum()) == total, f"{sizes.sum()} rows wanted of {total}"
    # Remainders are whole numbers of (1 / total)th rows: no floating point, so no drift.
    shares_PC, left_PC = np.divmod(np.outer(sizes, counts), max(total, 1))
    while left_PC.any():
        up, down = _cycle(left_PC)
        step = min(*(total - left_PC[entry] for entry in up), *(left_PC[entry] for entry in down))
        for entry in up:
            left_PC[entry] += step
        for entry in down:
            left_PC[entry] -= step
        full = left_PC == total
        shares_PC[full] += 1
        left_PC[full] = 0
    return shares_PC


def _cycle(left_PC: Rows) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """A closed walk over open remainders, along rows and columns in turn: those to raise, those to lower.

    Row and column sums of the remainders are whole rows, so a row or column with one open entry has another,
    and the walk can always go on until it meets itself.
    """
    part = int(np.flatnonzero(left_PC.any(axis=1))[0])
    walk: list[tuple[int, int]] = []
    starts: dict[int, int] = {}
    raised = int(np.argmax(left_PC[part]))
    while part not in starts:
        starts[part] = len(walk)
        open_classes = [int(c) for c in np.flatnonzero(left_PC[part]) if c != raised]
        lowered = min(open_classes, key=left_PC[part].__getitem__)
        walk += [(part, raised), (part, lowered)]
        # Down the column of the lowered entry to another part, where that class is raised in return.
        others = [int(p) for p in np.flatnonzero(left_PC[:, lowered]) if p != part]
        part, raised = max(others, key=left_PC[:, lowered].__getitem__), lowered
    # Back in a part that was met before: close the walk along its row, or, where the walk comes back by the
    # column by which it left, along that column.
    walk = [(part, raised), *walk[starts[part] + 1 :]]
    if walk[0] == walk[1]:
        walk = walk[2:]
    return walk[0::2], walk[1::2]


def draw_rows(sizes_P: Sequence[int], labels: Rows, generator: np.random.Generator) -> list[Rows]:
    """Rows for each part, ascending, class shares as in `labels` within one row; `sizes_P` uses up all rows.

    The parts are cut, in their order, from one random order of each class.
    """
    rows_of_class = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    shares_PC = share_out(sizes_P, [len(rows) for rows in rows_of_class])
    cuts_PC = np.cumsum(shares_PC, axis=0)
    pieces_CP = [np.split(generator.permutation(rows), cuts_PC[:-1, c]) for c, rows in enumerate(rows_of_class)]
    return [np.sort(np.concatenate([pieces[p] for pieces in pieces_CP])) for p in range(len(sizes_P))]


def draw_groups(
    sizes_P: Sequence[int], labels: Rows, groups: NDArray[np.str_], generator: np.random.Generator
) -> list[Rows]:
    """As `draw_rows`, but no group is torn, so sizes and class shares come out near, not exact.

    Groups are met in one random order. Each part in turn takes every group that still fits into its fair
    share of each class; then, where rows are missing, every group that brings it nearer to that share (in the
    sum over classes of absolute differences). The last part takes what is left. With many small groups the
    sizes come out exact.
    """
    _, group_N = np.unique(groups, return_inverse=True)
    classes, label_N = np.unique(labels, return_inverse=True)
    members_GC = np.zeros((group_N.max() + 1, len(classes)), np.int64)
    np.add.at(members_GC, (group_N, label_N), 1)
    wanted_PC = share_out(sizes_P, members_GC.sum(axis=0))
    part_G = np.full(len(members_GC), len(sizes_P) - 1)
    waiting = generator.permutation(len(members_GC))
    for part, missing_C in enumerate(wanted_PC[:-1]):
        for may_exceed in (False, True):
            for group in waiting:
                after_C = missing_C - members_GC[group]
                fits = after_C.min() >= 0 or (may_exceed and abs(after_C).sum() < abs(missing_C).sum())
                if fits:
                    missing_C, part_G[group] = after_C, part
            waiting = waiting[part_G[waiting] == len(sizes_P) - 1]
    return [np.flatnonzero(part_G[group_N] == part) for part in range(len(sizes_P))]
