"""What agrees with a table under one reading: how many sets of runs, and every number's range over their pairs."""

from dataclasses import dataclass

import numpy as np

from orchestrator.compare.audit.bounds import bounds_of
from orchestrator.compare.audit.moments import Moments, printed_moments, ranges_by_moments
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
    sets: tuple[int | None, int | None]
    """Of each arm; None where they are too many to be gone through."""
    looked_at: int
    """Pairs of sets that the ranges are over."""
    means: tuple[Range | None, Range | None]
    """Of each arm, over all its sets."""
    sds: tuple[Range | None, Range | None]
    """By n − 1."""
    ranges: Ranges
    """Empty where an arm is ruled out, and the other not gone through."""

    @property
    def pairs(self) -> int | None:
        """That there are; None where they are not counted, and the ranges are what mean, sd and n leave open."""
        first, second = self.sets
        if first is None or second is None:
            return 0 if 0 in self.sets else None
        return first * second

    @property
    def by_moments(self) -> bool:
        """Whether the sets were too many, and only what follows from mean, sd and n was computed."""
        return self.pairs is None

    @property
    def ruled_out(self) -> bool:
        """Whether nothing agrees."""
        return self.pairs == 0

    @property
    def complete(self) -> bool:
        """Whether no pair is outside the ranges; else the true ones are at least as wide."""
        return self.by_moments or self.looked_at == self.pairs


def agreement(
    table: PrintedTable, reading: Reading, stricter: "Agreement | None", most_pairs: int, seed: int
) -> Agreement:
    """What agrees with a stricter reading agrees with this one, too.

    Raises TableError for too many sets of an arm whose mean or sd is not printed.
    """
    of_arms = tuple(zip(table.arms, reading.decimals, strict=True))
    found = tuple(
        agreeing_sets(bounds_of(arm, decimals, table.steps_of_one, table.items), MOST_SETS)
        for arm, decimals in of_arms
    )
    first, second = found
    if first is None or second is None:
        counts = (None if first is None else len(first), None if second is None else len(second))
        if 0 in counts:
            return Agreement(reading, counts, 0, (None, None), (None, None), {})
        a, b = (_moments(arm, d, sets, table) for (arm, d), sets in zip(of_arms, found, strict=True))
        return Agreement(reading, counts, 0, (a.mean, b.mean), (a.sd, b.sd), ranges_by_moments(a, b))
    complete = len(first) * len(second) <= most_pairs
    if complete:
        pairs = all_pairs(first, second)
    else:
        pairs = sampled_pairs(first, second, most_pairs, np.random.default_rng(seed))
    over_pairs = ranges(first, second, pairs, table.one / table.items)
    if stricter is not None and not complete:
        over_pairs = {name: own and own.stretched(stricter.ranges.get(name)) for name, own in over_pairs.items()}
    return Agreement(
        reading=reading,
        sets=(len(first), len(second)),
        looked_at=len(pairs),
        means=(_means(first, table), _means(second, table)),
        sds=(_sds(first, table), _sds(second, table)),
        ranges=over_pairs,
    )


def _moments(arm: PrintedArm, decimals: Decimals, sets: Sets | None, table: PrintedTable) -> Moments:
    """Of the sets, where there are not too many; else of what is printed."""
    if sets is not None:
        mean, sd = _means(sets, table), _sds(sets, table)
        assert mean is not None, "an arm that nothing agrees with is ruled out before"
        assert sd is not None
        return Moments(arm.n, mean, (sd,))
    found = printed_moments(arm, decimals, table)
    if found is None:
        raise TableError(
            f"{arm.name}: more than {MOST_SETS:,} sets of {arm.n} runs on {table.items:,} items come into "
            "question, which are not gone through; give its mean and sd, from which Welch's t and F follow without "
            "them, or 86.10 where that is what the paper's 86.1 means"
        )
    return found


def _means(sets: Sets, table: PrintedTable) -> Range | None:
    return _range(sets.mean(1) * table.one / table.items) if len(sets) else None


def _sds(sets: Sets, table: PrintedTable) -> Range | None:
    n = sets.shape[1]
    return _range(np.sqrt(squared_spread(sets) / (n * (n - 1))) * table.one / table.items) if len(sets) else None


def _range(values: np.ndarray) -> Range:
    return Range(float(values.min()), float(values.max()))
