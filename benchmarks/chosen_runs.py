"""How often runs that were chosen by what they had shown are called BETTER, though nothing is there.

    python -m benchmarks.chosen_runs --repetitions 400

All runs are drawn from one normal law. Each choice is judged twice: by what the seeds' plan alone says, and by the
note of the choice, too, as `compare` judges it (docs/decisions/0009-a-look-is-at-runs.md).

Shapes: A arms, S seeds that there are, K that are taken.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.validity.fishing import planned_sweep
from benchmarks.validity.judging import OF_VALUES, arm_of_values, rules
from orchestrator.compare.asked import Asked
from orchestrator.compare.assemble import measure_pair
from orchestrator.compare.judge import judge
from orchestrator.compare.looks import judge_look
from orchestrator.compare.samples import side_by_side
from orchestrator.store.noted_choices import NotedChoice
from orchestrator.store.noted_looks import Question

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Chosen:
    """Two arms' runs as they are compared, and what is known of how they came to be."""

    values_2K: Values
    asked: Asked
    """With the note of the choice."""

    def is_better(self, noted: bool) -> bool:
        """Whether it is said that one arm beats the other."""
        asked = self.asked if noted else replace(self.asked, choices=(), arms_there=0)
        look = judge_look(asked, ())
        if look.withheld:
            return False
        by, none = rules(OF_VALUES, None, look), np.zeros(self.values_2K.shape[1], bool)
        a, b = (arm_of_values(name, values_K, none) for name, values_K in zip("AB", self.values_2K, strict=True))
        (pair,) = judge([measure_pair(side_by_side(a, b), by, None, np.random.default_rng(0))], by)
        return any(verdict.kind == "BETTER" for verdict in pair.verdicts)


def keys(arm: str, seeds: int) -> dict[str, int]:
    return {f"{arm}-{seed}": seed for seed in range(seeds)}


def asked_of_two(
    seeds: int, arms_trained: int = 0, choice: NotedChoice | None = None, arms_there: int = 0
) -> Asked:
    question = Question(frozenset({frozenset(frozenset(keys(arm, seeds)) for arm in "AB")}), OF_VALUES.name, None)
    planned = planned_sweep(seeds, seeds, OF_VALUES.name, arms_trained)
    return Asked(question, {"chosen": planned}, () if choice is None else (choice,), arms_there)


def seeds_of_one_arm(rng: np.random.Generator, there: int, taken: int) -> Chosen:
    """The worst of an arm's seeds, and a fresh arm on them."""
    a_S, b_S = rng.normal(size=(2, there))
    worst_K = np.argsort(a_S)[:taken]
    choice = NotedChoice(frozenset(keys("A", taken)), (keys("A", there),))
    return Chosen(np.stack([a_S[worst_K], b_S[worst_K]]), asked_of_two(taken, 1, choice))


def seeds_of_two_arms(rng: np.random.Generator, there: int, taken: int) -> Chosen:
    """Those at which two arms differ most to one side."""
    values_2S = rng.normal(size=(2, there))
    farthest_K = np.argsort(values_2S[0] - values_2S[1])[:taken]
    choice = NotedChoice(frozenset(keys("A", taken) | keys("B", taken)), (keys("A", there), keys("B", there)))
    return Chosen(values_2S[:, farthest_K], asked_of_two(taken, 2, choice))


def pair_of_a_grid(rng: np.random.Generator, arms: int, seeds: int) -> Chosen:
    """The two arms of a grid that was never complete whose paired t is the largest, in a sweep of their own."""
    values_AS = rng.normal(size=(arms, seeds))
    differences_AAS = values_AS[:, None] - values_AS[None]
    spread_AA = differences_AAS.std(axis=2, ddof=1) + np.eye(arms)
    a, b = np.unravel_index(np.argmax(differences_AAS.mean(2) / spread_AA), spread_AA.shape)
    choice = NotedChoice(frozenset(keys("A", seeds) | keys("B", seeds)), arms=arms)
    return Chosen(values_AS[[a, b]], asked_of_two(seeds, 2, choice))


def best_and_worst_sweep(rng: np.random.Generator, arms: int, seeds: int) -> Chosen:
    """Of so many sweeps of one arm each, compared with each other."""
    values_AS = rng.normal(size=(arms, seeds))
    means_A = values_AS.mean(1)
    return Chosen(values_AS[[means_A.argmax(), means_A.argmin()]], asked_of_two(seeds, arms_there=arms))


CHOICES: dict[str, Callable[[np.random.Generator], Chosen]] = {
    "the 5 worst of one arm's 20 seeds, then a fresh arm on them": lambda rng: seeds_of_one_arm(rng, 20, 5),
    "the 10 worst of one arm's 40 seeds, likewise": lambda rng: seeds_of_one_arm(rng, 40, 10),
    "the 10 of two arms' 20 seeds at which they differ most": lambda rng: seeds_of_two_arms(rng, 20, 10),
    "the best pair of an incomplete grid of 8 arms": lambda rng: pair_of_a_grid(rng, 8, 10),
    "the best pair of an incomplete grid of 12 arms": lambda rng: pair_of_a_grid(rng, 12, 10),
    "the best and the worst of 2 sweeps of one arm": lambda rng: best_and_worst_sweep(rng, 2, 10),
    "the best and the worst of 4": lambda rng: best_and_worst_sweep(rng, 4, 10),
    "the best and the worst of 8": lambda rng: best_and_worst_sweep(rng, 8, 10),
    "the best and the worst of 12": lambda rng: best_and_worst_sweep(rng, 12, 10),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=400)
    repetitions = parser.parse_args().repetitions
    print("| chosen | by the plan alone, % | as it is judged, % |\n|---|---:|---:|")
    for name, choose in CHOICES.items():
        rng = np.random.default_rng(0)
        drawn = [choose(rng) for _ in range(repetitions)]
        alone, noted = (100 * np.mean([chosen.is_better(by) for chosen in drawn]) for by in (False, True))
        print(f"| {name} | {alone:.1f} | {noted:.1f} |", flush=True)


if __name__ == "__main__":
    main()
