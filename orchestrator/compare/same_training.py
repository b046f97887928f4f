"""Which arms are one training by several names: two losses that are one function, a setting that does nothing.

Runs of one seed then give the same predictions but for rounding. Between such arms there is nothing to estimate,
and what is found of one of them is found of the other: it is one test, and counts once.

Known by the runs and not by settings, of which no list would be whole. In the shipped sweep `imdb_why` rounding
moves log probabilities by less than a millionth of what separates one item from another, and the least that two
trainings differ, by the head's start alone, is a fiftieth.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

import numpy as np

from orchestrator.compare.runs import ArmRuns

ROUNDING = 1e-5
"""Of the standard deviation over items: runs whose log probabilities lie nearer are the same but for rounding."""


class HasArms(Protocol):
    """Two arms that are held against each other."""

    @property
    def arm(self) -> str: ...
    @property
    def versus(self) -> str: ...


Pair = TypeVar("Pair", bound=HasArms)
Training = Mapping[str, str]
"""By arm, the first arm that is the same training: often its own name."""
ALL_DIFFERENT: Training = {}


def trainings(runs: Mapping[str, ArmRuns]) -> Training:
    """Of arms in their order. An arm whose runs were not judged item by item is a training of its own."""
    found: dict[str, str] = {}
    for arm in runs.values():
        first = (name for name in dict.fromkeys(found.values()) if _is_same(runs[name], arm))
        found[arm.arm] = next(first, arm.arm)
    return found


def contrast(pair: HasArms, training: Training) -> frozenset[str]:
    """The trainings that a pair is of: one, where it holds a training against itself."""
    return frozenset(training.get(arm, arm) for arm in (pair.arm, pair.versus))


def same(training: Training, arm: str, versus: str) -> bool:
    return training.get(arm, arm) == training.get(versus, versus)


def each_once(pairs: Iterable[Pair], training: Training) -> list[Pair]:
    """The first pair of each contrast."""
    first: dict[frozenset[str], Pair] = {}
    for pair in pairs:
        first.setdefault(contrast(pair, training), pair)
    return list(first.values())


def said_of(training: Training) -> tuple[str, ...]:
    """What a reader has to know of it."""
    others = [f"{arm} is the same training as {first}" for arm, first in training.items() if arm != first]
    if not others:
        return ()
    return (
        f"With each seed they predict the same but for rounding: {'; '.join(others)}. What is found of such arms "
        "is one test by several names, and counts once.",
    )


def _is_same(a: ArmRuns, b: ArmRuns) -> bool:
    ends_alike = (a.planned, a.values.keys(), a.non_finite) == (b.planned, b.values.keys(), b.non_finite)
    return ends_alike and bool(a.values) and all(_same_run(a, b, seed) for seed in a.values)


def _same_run(a: ArmRuns, b: ArmRuns, seed: int) -> bool:
    if a.items_of(seed) is None or a.items_of(seed) != b.items_of(seed):
        return False
    nll_2N = np.stack([arm.scores[seed].of_items["nll"] for arm in (a, b)])
    apart = np.sqrt(((nll_2N[0] - nll_2N[1]) ** 2).mean())
    return bool(apart < ROUNDING * nll_2N.std(1).min())  # never of runs that say the same of every item
