"""What agrees with a table under one reading: how many sets of runs, and every number's range over their pairs."""

from dataclasses import dataclass

import numpy as np

from orchestrator.compare.audit.bounds import bounds_of
from orchestrator.compare.audit.pair_numbers import Range, Ranges, ranges
from orchestrator.compare.audit.pairing import all_pairs, sampled_pairs
from orchestrator.compare.audit.printed import PrintedArm, PrintedTable, TableError
from orchestrator.compare.audit.readings import Decimals, Reading
from orchestrator.compare.audit.sets import Sets, agreeing_sets, squared_spread

MOST_SETS = 1_000_000
"""Of an arm; more are not gone through."""


@dataclass(frozen=True)
class Agreement:
    """One reading and all that agrees with it."""

    reading: Reading
    sets: tuple[int, int]
    """Of each arm."""
    looked_at: int
    """Pairs of sets that the ranges are over."""
    means: tuple[Range | None, Range | None]
    """Of each arm, over all its sets."""
    sds: tuple[Range | None, Range | None]
    """By n − 1."""
    ranges: Ranges

    @property
    def pairs(self) -> int:
        """That there are."""
        return self.sets[0] * self.sets[1]

    @property
    def complete(self) -> bool:
        """Whether all pairs were looked at; else the true ranges are at least as wide."""
        return self.looked_at == self.pairs


def agreement(
    table: PrintedTable, reading: Reading, stricter: "Agreement | None", most_pairs: int, seed: int
) -> Agreement:
    """What agrees with a stricter reading agrees with this one, too. Raises TableError for too many sets."""
    first, second = (_sets_of(arm, d, table) for arm, d in zip(table.arms, reading.decimals, strict=True))
    complete = len(first) * len(second) <= most_pairs
    if complete:
        pairs = all_pairs(first, second)
    else:
        pairs = sampled_pairs(first, second, most_pairs, np.random.default_rng(seed))
    found = ranges(first, second, pairs, table.one / table.items)
    if stricter is not None and not complete:
        found = {name: own and own.stretched(stricter.ranges[name]) for name, own in found.items()}
    return Agreement(
        reading=reading,
        sets=(len(first), len(second)),
        looked_at=len(pairs),
        means=(_means(first, table), _means(second, table)),
        sds=(_sds(first, table), _sds(second, table)),
        ranges=found,
    )


def _sets_of(arm: PrintedArm, decimals: Decimals, table: PrintedTable) -> Sets:
    sets = agreeing_sets(bounds_of(arm, decimals, table.steps_of_one, table.items), MOST_SETS)
    if sets is None:
        raise TableError(
            f"{arm.name}: more than {MOST_SETS:,} sets of {arm.n} runs on {table.items:,} items come into "
            "question, which are not gone through; give more of its numbers (median, sd), or 86.10 where that is "
            "what the paper's 86.1 means"
        )
    return sets


def _means(sets: Sets, table: PrintedTable) -> Range | None:
    return _range(sets.mean(1) * table.one / table.items) if len(sets) else None


def _sds(sets: Sets, table: PrintedTable) -> Range | None:
    n = sets.shape[1]
    return _range(np.sqrt(squared_spread(sets) / (n * (n - 1))) * table.one / table.items) if len(sets) else None


def _range(values: np.ndarray) -> Range:
    return Range(float(values.min()), float(values.max()))
