"""Runs as right or wrong on each item: items that are not equally hard, drawn from an endless stock of reviews.

An item is right in a run of an arm with probability p + c w: p is the arm's for that kind of item, c the luck of
the seed, w = p (1 − p) / mean p (1 − p), so that c is what the seed adds to a run's accuracy. The stock has some
thousand kinds of items, each as often as its mirror image with the arms changed over, so that the difference of
arms A and B over the whole stock is 0, exactly, before `lead` is added.

Errors are those of a calibrated classifier that is right 88 times in 100: mean p (1 − p) is half the error.

**Fewer items stand for 22,500.** With N of them the luck of a seed is made √(22,500/N) times as large. The three
variances of a mean difference (seeds, items, residual) then all grow by 22,500/N: their ratios, on which interval
and degrees of freedom rest, are those of 22,500. What is not the same: the item part is estimated from N items, not
from 22,500, and an accuracy has coarser steps. Studies with all 22,500 items show whether that matters.

Shapes: S seeds, N items, K kinds of items.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

ALL_ITEMS = 22_500
KINDS = 8192
LUCKS = 31
"""Of a seed, over which a chance is averaged."""
DIFFICULTY = stats.beta(1.07, 0.146)
"""Mean .88, and p (1 − p) half the error on average."""

Correct = NDArray[np.bool_]


@dataclass(frozen=True)
class ItemWorld:
    """Two arms on shared items."""

    name: str
    items: int
    seed_sd: float
    """Luck of a seed, as a share of 22,500 items."""
    differ: float = 0.0
    """How far the arms differ by item, in logits; 0 for two arms that are the same."""
    shared: float = 0.0
    """The share of items on which runs of one seed have one luck, whatever their arm."""
    lead: float = 0.0
    """Of arm A over B in accuracy, as a share of 22,500 items: in the units of `seed_sd`."""
    paired: bool = True

    @property
    def magnified(self) -> float:
        """How much larger differences are than with all items."""
        return math.sqrt(ALL_ITEMS / self.items)

    @cached_property
    def _kinds(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """p (2, K) of each arm, and w (2, K)."""
        rng = np.random.default_rng(0)
        half = KINDS // 2
        base = special.logit(np.clip(DIFFICULTY.ppf((np.arange(half) + 0.5) / half), 1e-6, 1 - 1e-6))
        one, other = (base + self.differ * rng.standard_normal(half) for _ in range(2))
        p_2K = special.expit(np.stack([np.concatenate([one, other]), np.concatenate([other, one])]))
        w_2K = p_2K * (1 - p_2K)
        w_2K /= w_2K.mean()
        p_2K[0] += self.lead * self.magnified * w_2K[0]
        return p_2K.astype(np.float32), w_2K.astype(np.float32)

    def draw(self, rng: np.random.Generator, seeds: int) -> tuple[Correct, Correct, float]:
        """Correctness (S, N) of each arm, and the true difference on these very items."""
        p_2K, _ = self._kinds
        kinds_N = self.draw_items(rng)
        p_2N = p_2K[:, kinds_N]
        on_these = float((p_2N[0] - p_2N[1]).mean(dtype=np.float64))
        return *self.draw_runs(kinds_N, rng, seeds), on_these

    def draw_items(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """Of which kind each is."""
        return rng.integers(0, KINDS, self.items)

    def draw_runs(
        self, kinds_N: NDArray[np.int64], rng: np.random.Generator, seeds: int
    ) -> tuple[Correct, Correct]:
        """Correctness (S, N) of each arm on these items."""
        p_2K, w_2K = self._kinds
        luck_2SN = rng.random((2, seeds, self.items), np.float32)
        if self.shared:
            alike_SN = rng.random((seeds, self.items), np.float32) < self.shared
            np.copyto(luck_2SN[1], luck_2SN[0], where=alike_SN)
        p_2N, w_2N = p_2K[:, kinds_N], w_2K[:, kinds_N]
        if self.seed_sd:
            c_2S1 = rng.normal(0, self.seed_sd * self.magnified, (2, seeds, 1)).astype(np.float32)
            correct_2SN = luck_2SN < p_2N[:, None] + c_2S1 * w_2N[:, None]
        else:
            correct_2SN = luck_2SN < p_2N[:, None]
        return correct_2SN[0], correct_2SN[1]

    def churn_beyond_seeds(self, kinds_N: NDArray[np.int64]) -> float:
        """On these items, of two classes: the mean square of how far apart the arms' chances of being right are."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(LUCKS)
        a_N, b_N = (weights @ p_LN / weights.sum() for p_LN in self.chances(kinds_N, nodes))
        return float(((a_N - b_N) ** 2).mean())

    def chances(
        self, kinds_N: NDArray[np.int64], lucks_L: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Of each arm (L, N): of being right on these items, by the luck of the seed in standard deviations."""
        p_2N, w_2N = (kinds_2K[:, kinds_N].astype(float) for kinds_2K in self._kinds)
        c_L1 = self.seed_sd * self.magnified * lucks_L[:, None]
        return np.clip(p_2N[0] + c_L1 * w_2N[0], 0, 1), np.clip(p_2N[1] + c_L1 * w_2N[1], 0, 1)

    @property
    def difference(self) -> float:
        """For new seeds and new items."""
        return self.lead * self.magnified
