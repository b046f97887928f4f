"""Result tables without a store: of final values alone, or of what each run got right; and what is said of them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from orchestrator.compare import Comparison, Metric, compare
from orchestrator.compare.looks.asked import Asked, Pairs, pairs_of, planned_by
from orchestrator.compare.looks.look import Look, judge_look
from orchestrator.results import ResultTable
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes
from orchestrator.store.question import Question

Seeds = int | Iterable[int]
"""Which, or the first so many."""
Ends = Mapping[str, Sequence[Any]]
"""Arm → how each seed ended: a value, or the correctness of each item; or `diverged`, `new`, `failed`."""


def seeds_of(seeds: Seeds) -> tuple[int, ...]:
    return tuple(range(seeds) if isinstance(seeds, int) else seeds)


class MadeUp(ResultTable):
    """Whose numbers are in its frame, and predictions in whatever stands for `cell_predictions`."""

    def at(self, keys: Collection[str], seeds: Collection[int]) -> ResultTable:
        part = super().at(keys, seeds)
        there = {(cell["arm"], cell["seed"]) for cell in part.plan["cells"]}
        predicted = vars(self)["cell_predictions"]
        vars(part)["cell_predictions"] = lambda of: (run for run in predicted(of) if run[:2] in there)
        return part


def plan_of(arms: Ends, metric: str, margin: float | None) -> dict[str, Any]:
    return {
        "sweep": "by_hand",
        "description": "",
        "arms": [{"name": arm, "settings": {}} for arm in arms],
        "baseline": next(iter(arms)),
        "decide": {
            "metric": metric,
            "direction": "maximize" if Metric.named(metric).maximize else "minimize",
            "margin": margin,
            "pairs": "baseline",
        },
        "seeds": list(range(max(len(ends) for ends in arms.values()))),
        "cells": [
            {"key": f"{arm}-{seed}", "arm": arm, "seed": seed}
            for arm, ends in arms.items()
            for seed in range(len(ends))
        ],
        "sources": ["reviews"],
        "data": [],
    }


def of_values(
    arms: Ends,
    metric: str = "test_macro_f1",
    margin: float | None = None,
    planned: Seeds | None = None,
    looks: Iterable[Seeds] = (),
    decided_first: Mapping[str, Any] = MappingProxyType({}),
    decided: Pairs = "baseline",
) -> ResultTable:
    """No predictions are stored: for new seeds only. `looks`: at the pairs that are decided; `decided_first`: by
    what else, at the first run."""
    plan = plan_of(arms, metric, margin)
    plan["decide"]["pairs"] = decided
    pairs = pairs_of(list(arms), plan["baseline"], decided)
    shown = looks_at(looks, plan["seeds"] if planned is None else planned, pairs, metric, margin)
    first = {**plan, "decide": {**plan["decide"], **decided_first}}
    noted = (planned_by(first) if planned is None else planned_at(planned, first),)
    cells = []
    for arm, ends in arms.items():
        for seed, end in enumerate(ends):
            head = {"arm": arm, "seed": seed, "key": f"{arm}-{seed}"}
            if isinstance(end, str):
                cells.append({**head, "status": end})
            else:
                cells.append({**head, "status": "finished", metric: float(end)})
    table = MadeUp(plan, cells=None, notes=Notes(noted, tuple(shown)))  # type: ignore[arg-type]
    vars(table).update(
        frame=pd.DataFrame(cells),
        settings={arm: {"model": {"name": "bag"}, "training": {"epochs": 4}} for arm in arms},
        cell_predictions=lambda part: iter(()),
        tries=frozenset(),
    )
    return table


def planned_at(seeds: Seeds, plan: Mapping[str, Any]) -> NotedPlan:
    """As if it had been planned with these seeds."""
    then, arms = seeds_of(seeds), [arm["name"] for arm in plan["arms"]]
    cells = [{"key": f"{arm}-{seed}", "arm": arm, "seed": seed} for arm in arms for seed in then]
    return planned_by({**plan, "seeds": list(then), "cells": cells})


def of_items(
    arms: Ends,
    margin: float | None = None,
    varies: bool = False,
    trained: int = 0,
    alike: Mapping[str, str] | None = None,
    **given: Any,
) -> ResultTable:
    """Each finished run says, with a confidence of its own, the right class or the wrong one of each item. `alike`:
    arms that are as sure of it as another, but for rounding."""
    names = list(arms)
    ends = {
        arm: [end if isinstance(end, str) else float(np.mean(end)) for end in runs] for arm, runs in arms.items()
    }
    table = of_values(ends, "test_accuracy", margin, **given)

    def predictions(part: str) -> Iterator[tuple[str, int, pd.DataFrame]]:
        assert part == "test"
        for arm, runs in arms.items():
            place = names.index((alike or {}).get(arm, arm)) + 1e-6 * names.index(arm)
            for seed, correct_N in enumerate(runs):
                if not isinstance(correct_N, str):
                    yield arm, seed, predicted(np.asarray(correct_N, bool), place, seed, varies)

    for settings in table.settings.values():
        settings["split"] = {"varies_by_seed": varies}
    vars(table).update(cell_predictions=predictions, rows_trained_on=lambda arm: trained)
    return table


def predicted(correct_N: np.ndarray, place: float, seed: int, varies: bool) -> pd.DataFrame:
    items = len(correct_N)
    labels = np.arange(items) % 2
    confidence = 0.8 + 0.01 * place + 0.0001 * seed
    chance = np.where(correct_N == (labels == 1), confidence, 1 - confidence)
    first = 100_000 * seed if varies else 0
    return pd.DataFrame(
        {
            "row": np.arange(first, first + items),
            "label": labels,
            "log_probability_0": np.log(1 - chance),
            "log_probability_1": np.log(chance),
        }
    )


def asked_of_arms(seeds: Seeds, pairs: Iterable[tuple[str, str]], metric: str, margin: float | None) -> Asked:
    """Of arms whose runs are known by the arm's name and the seed."""
    now = seeds_of(seeds)
    of = [frozenset(frozenset(f"{arm}-{seed}" for seed in now) for arm in pair) for pair in pairs]
    return Asked(Question(frozenset(of), metric, margin), {"by_hand": now})


def planned_for(
    seeds: Seeds, pairs: Iterable[tuple[str, str]], metric: str, margin: float | None
) -> tuple[NotedPlan, ...]:
    """The one note, made before anything could be seen."""
    return (NotedPlan("by_hand", seeds_of(seeds), asked_of_arms(seeds, pairs, metric, margin).question),)


def looks_at(
    looks: Iterable[Seeds],
    planned: Seeds,
    pairs: Iterable[tuple[str, str]],
    metric: str = "m",
    margin: float | None = None,
) -> list[NotedLook]:
    """The notes of verdicts that were shown at these seeds, one after another."""
    pairs, shown = tuple(pairs), list[NotedLook]()
    plans = planned_for(planned, pairs, metric, margin)
    for then in looks:
        asked = asked_of_arms(then, pairs, metric, margin)
        look = judge_look(asked, Notes(plans, tuple(shown)))
        shown += asked.looks(not look.anytime, look.tests)
    return shown


def look_at(seeds: Seeds, planned: Seeds, looks: Iterable[Seeds] = ()) -> Look:
    """Of two arms, after verdicts were shown at the seeds of `looks`."""
    pair, now = [("b", "a")], seeds_of(seeds)
    shown = tuple(looks_at(looks, planned, pair))
    elsewhere = tuple(look for look in shown if not set(look.seeds) & set(now))
    asked = replace(asked_of_arms(now, pair, "m", None), at_other_seeds=elsewhere)
    return judge_look(asked, Notes(planned_for(planned, pair, "m", None), shown))


def runs(rng: np.random.Generator, accuracies: Sequence[float], ease_N: np.ndarray) -> list[np.ndarray]:
    """Correctness of runs of these accuracies on items that are not equally easy."""
    return [rng.random(len(ease_N)) < np.clip(ease_N + accuracy - ease_N.mean(), 0, 1) for accuracy in accuracies]


def spread_out(n: int, mean: float, sd: float, number: int = 0) -> np.ndarray:
    """Runs with exactly this mean and standard deviation."""
    values = np.random.default_rng(number).standard_normal(n)
    return mean + sd * (values - values.mean()) / values.std(ddof=1)


EASE = np.random.default_rng(7).choice([0.55, 0.75, 0.95, 1.0], 400)
"""Of 400 items."""


FEW = "NOT ENOUGH RUNS FOR SPREAD"
"""Is said of every pair with fewer than ten runs, and has tests of its own."""


def said(table: ResultTable, **options: str) -> list[str]:
    """But that the runs are too few for spread."""
    return [v.sentence for pair in compare(table, **options).pairs for v in pair.verdicts if v.kind != FEW]  # type: ignore[arg-type]


def kinds(comparison: Comparison) -> list[list[str]]:
    """But that the runs are too few for spread."""
    return [[verdict.kind for verdict in pair.verdicts if verdict.kind != FEW] for pair in comparison.pairs]
