"""How often runs that were chosen by what they had shown are called BETTER, though nothing is there.

    python -m benchmarks.chosen_runs --repetitions 400

All runs are drawn from one normal law. Each choice is judged twice: as if just that had been planned before
anything could be seen, and as `compare` judges it, by what was noted (docs/decisions/0009-a-look-is-at-runs.md).

Shapes: A arms, S seeds that there are, K that are taken.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.validity.fishing import planned_of
from benchmarks.validity.judging import OF_VALUES, arm_of_values, rules
from orchestrator.compare.across_sweeps import merged
from orchestrator.compare.assemble import measure_pair
from orchestrator.compare.judge import judge
from orchestrator.compare.looks.asked import Asked, asked_of, planned_by, planned_pairs
from orchestrator.compare.looks.look import judge_look
from orchestrator.compare.samples import side_by_side
from orchestrator.results import ResultTable
from orchestrator.store import CellStore, Home, SweepStore
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes
from orchestrator.store.question import Question, Runs
from trainables.records import CellResult

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Chosen:
    """Two arms' runs as they are compared, and what is known of how they came to be."""

    values_2K: Values
    asked: Asked
    notes: Notes

    def is_better(self, noted: bool) -> bool:
        """Whether it is said that one arm beats the other."""
        asked = Asked(self.asked.question, dict([next(iter(self.asked.sweeps.items()))]))
        look = judge_look(self.asked, self.notes) if noted else judge_look(asked, Notes((planned_of(asked),)))
        if look.withheld:
            return False
        by, none = rules(OF_VALUES, None, look), np.zeros(self.values_2K.shape[1], bool)
        a, b = (arm_of_values(name, values_K, none) for name, values_K in zip("AB", self.values_2K, strict=True))
        (pair,) = judge([measure_pair(side_by_side(a, b), by, None, np.random.default_rng(0))], by)
        return any(verdict.kind == "BETTER" for verdict in pair.verdicts)


def runs(arm: int, seeds: Iterable[int]) -> Runs:
    return frozenset(f"{arm}-{seed}" for seed in seeds)


def question(arms: Iterable[int], seeds: Iterable[int]) -> Question:
    """Each arm against the first of them."""
    seeds = tuple(seeds)
    first, *others = (runs(arm, seeds) for arm in arms)
    pairs = frozenset(frozenset((first, other)) for other in others)
    return Question(pairs, OF_VALUES.name, None, frozenset() if others else frozenset([first]))


def asked_of_two(arms: tuple[int, int], taken: Iterable[int]) -> Asked:
    seeds = tuple(sorted(taken))
    return Asked(question(arms, seeds), {"chosen": seeds})


def notes_of(before: Question, asked: Asked, left_out: Iterable[int] = (), there: int = 0, seeds: int = 0) -> Notes:
    """That these were planned and seen, and then those of them that are asked about. `left_out`: the arms of which
    some runs were not taken."""
    first = NotedPlan("first", tuple(range(seeds)), before)
    of = tuple({f"{arm}-{seed}": seed for seed in range(seeds)} for arm in left_out)
    (sweep, taken), *_ = asked.sweeps.items()
    return Notes((first, NotedPlan(sweep, taken, asked.question, before.cells, of, there or None)))


def seeds_of_one_arm(rng: np.random.Generator, there: int, taken: int) -> Chosen:
    """The worst of an arm's seeds, and a fresh arm on them."""
    a_S, b_S = rng.normal(size=(2, there))
    worst_K = np.argsort(a_S)[:taken]
    asked = asked_of_two((0, 1), worst_K.tolist())
    return Chosen(
        np.stack([a_S[worst_K], b_S[worst_K]]),
        asked,
        notes_of(question([0], range(there)), asked, left_out=[0], seeds=there),
    )


def seeds_of_two_arms(rng: np.random.Generator, there: int, taken: int) -> Chosen:
    """Those at which two arms differ most to one side."""
    values_2S = rng.normal(size=(2, there))
    farthest_K = np.argsort(values_2S[0] - values_2S[1])[:taken]
    asked = asked_of_two((0, 1), farthest_K.tolist())
    notes = notes_of(question([0, 1], range(there)), asked, left_out=[0, 1], seeds=there)
    return Chosen(values_2S[:, farthest_K], asked, notes)


def pair_of_a_grid(rng: np.random.Generator, arms: int, seeds: int) -> Chosen:
    """The two arms of a grid that was never complete whose paired t is the largest, in a sweep of their own."""
    values_AS = rng.normal(size=(arms, seeds))
    differences_AAS = values_AS[:, None] - values_AS[None]
    spread_AA = differences_AAS.std(axis=2, ddof=1) + np.eye(arms)
    a, b = np.unravel_index(np.argmax(differences_AAS.mean(2) / spread_AA), spread_AA.shape)
    asked = asked_of_two((int(a), int(b)), range(seeds))
    notes = notes_of(question(range(arms), range(seeds)), asked, there=arms, seeds=seeds)
    return Chosen(values_AS[[a, b]], asked, notes)


def best_and_worst_sweep(rng: np.random.Generator, arms: int, seeds: int) -> Chosen:
    """Of so many sweeps of one arm each, compared with each other."""
    values_AS = rng.normal(size=(arms, seeds))
    means_A = values_AS.mean(1)
    asked, notes = of_two_sweeps(arms, seeds)
    return Chosen(values_AS[[means_A.argmax(), means_A.argmin()]], asked, notes)


@cache
def of_two_sweeps(arms: int, seeds: int) -> tuple[Asked, Notes]:
    """What `compare A B` asks in a home with so many sweeps of one arm; which two it names is all the same."""
    with tempfile.TemporaryDirectory() as folder:
        store = Home(Path(folder)).store()
        cells, sweeps = CellStore(store), SweepStore(store)
        for arm in range(arms):
            planned = [{"key": f"{arm}-{seed}", "arm": "only", "seed": seed} for seed in range(seeds)]
            for cell in planned:
                settings = {"data": {"fingerprint": ""}, "split": {}, "seed": cell["seed"], "arm": arm}
                cells.begin(str(cell["key"]), settings)
                result = CellResult(status="finished", epochs=0, measured_at=0.0)
                cells.newest_try(str(cell["key"])).conclude_diverged(result)
            plan = {
                "sweep": f"sweep {arm}",
                "arms": [{"name": "only"}],
                "baseline": "only",
                "decide": {"metric": OF_VALUES.name, "direction": "maximize", "margin": None, "pairs": "baseline"},
                "seeds": list(range(seeds)),
                "cells": planned,
            }
            sweeps.note_plan(planned_by(plan))
            sweeps.save(f"sweep {arm}", plan, "")
        both = merged([ResultTable(sweeps.plan(f"sweep {n}") or {}, cells, sweeps.notes()) for n in range(2)])
        return asked_of(both.plan, planned_pairs(both.plan)), both.notes


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
    print("| chosen | as if planned, % | as it is judged, % |\n|---|---:|---:|")
    for name, choose in CHOICES.items():
        rng = np.random.default_rng(0)
        drawn = [choose(rng) for _ in range(repetitions)]
        alone, noted = (100 * np.mean([chosen.is_better(by) for chosen in drawn]) for by in (False, True))
        print(f"| {name} | {alone:.1f} | {noted:.1f} |", flush=True)


if __name__ == "__main__":
    main()
