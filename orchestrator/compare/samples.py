"""Two arms side by side: which runs are compared with which, and on which items."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestrator.compare.runs import ArmRuns


@dataclass(frozen=True, eq=False)
class Samples:
    """The runs of two arms; paired ones stand in the same order of seeds."""

    a: ArmRuns
    b: ArmRuns
    seeds_a: tuple[int, ...]
    seeds_b: tuple[int, ...]
    paired: bool
    share_items: bool
    """All runs of both were judged on the same items."""

    @property
    def arm(self) -> str:
        return self.a.arm

    @property
    def versus(self) -> str:
        return self.b.arm

    @property
    def values(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return (
            np.array([self.a.values[seed] for seed in self.seeds_a]),
            np.array([self.b.values[seed] for seed in self.seeds_b]),
        )

    @property
    def fewest(self) -> int:
        """Runs of the arm that has fewer."""
        return min(len(self.seeds_a), len(self.seeds_b))

    @property
    def items(self) -> int | None:
        """How many all runs of both were judged on; None where they do not share them."""
        return len(self.a.scores[self.seeds_a[0]].predicted_N) if self.share_items else None

    def matrices(self, metric: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scores (S, N) of each arm."""
        return self.a.matrix(metric, self.seeds_a), self.b.matrix(metric, self.seeds_b)


def side_by_side(a: ArmRuns, b: ArmRuns) -> Samples:
    """Pairs where the arms were planned with the same seeds and each seed was judged on the same items in both.

    The plan decides, so that a cell that is lost or has diverged takes its pair away and not the pairing.
    """
    common = sorted(a.values.keys() & b.values.keys())
    paired = a.planned == b.planned and all(a.items_of(seed) == b.items_of(seed) for seed in common)
    seeds = (tuple(common), tuple(common)) if paired else (tuple(a.values), tuple(b.values))
    items = {a.items_of(seed) for seed in seeds[0]} | {b.items_of(seed) for seed in seeds[1]}
    return Samples(a, b, *seeds, paired, share_items=len(items) == 1 and None not in items)
