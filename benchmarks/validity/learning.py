"""Which runs count as stalled: runs that learnt something, and one that guesses, through compare's own rule.

Right or wrong on items that all runs share and that are not equally hard. Few items show little of a run, and the
rule pools what an arm's runs show together: here it is seen what that finds, and what it takes for stalled.

Shapes: S seeds, N items.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from benchmarks.validity.tally import Asked, Question, Tally
from orchestrator.compare.stalled import lead, stalled_seeds

TAKEN = Question(Asked.FALSE_ALARM, "some run of an arm that learnt counts as stalled")
FOUND = Question(Asked.POWER, "one of its runs that guesses counts as stalled")
SURE = np.log([0.2, 0.8])
"""Of the class that is not said, and of the one that is; by accuracy it does not matter how sure a run is."""


@dataclass(frozen=True)
class LearningWorld:
    """An arm of which a run is right so often on an endless stock of items, half of them of either class."""

    accuracy: float
    items: int

    @property
    def name(self) -> str:
        return f"right {100 * self.accuracy:.0f} in 100 times, {self.items} items"

    def draw(self, rng: np.random.Generator, seeds: int) -> NDArray[np.bool_]:
        """Correctness (S, N): each item is right with a chance p of its own. As of a calibrated classifier, the
        mean of p (1 − p) is half the error."""
        evenness = 1 / (2 * self.accuracy - 1)
        p_N = stats.beta(self.accuracy * evenness, (1 - self.accuracy) * evenness).rvs(self.items, random_state=rng)
        correct_SN: NDArray[np.bool_] = rng.random((seeds, self.items)) < p_N
        return correct_SN


def of_learning(world: LearningWorld, seeds: int, repetitions: int, rng: np.random.Generator) -> Tally:
    """An arm of which all runs learnt, and the same arm with a guess in one run's place."""
    tally = Tally(world.name, str(seeds))
    labels_N = np.arange(world.items) % 2
    for _ in range(repetitions):
        correct_SN = world.draw(rng, seeds)
        leads = {seed: lead(_said(row, labels_N), "accuracy", "the same") for seed, row in enumerate(correct_SN)}
        tally.add([(TAKEN, bool(stalled_seeds(leads)))])
        leads[0] = lead(_said(rng.random(world.items) < 0.5, labels_N), "accuracy", "the same")
        tally.add([(FOUND, 0 in stalled_seeds(leads))])
    return tally


def _said(correct_N: NDArray[np.bool_], labels_N: NDArray[np.int64]) -> pd.DataFrame:
    """As predictions are stored."""
    says_1_N = (correct_N == labels_N).astype(int)
    return pd.DataFrame(
        {"label": labels_N, "log_probability_0": SURE[1 - says_1_N], "log_probability_1": SURE[says_1_N]}
    )
