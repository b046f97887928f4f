"""What the planned seeds can settle, before launch: the smallest difference that they detect, and the seeds that
the sweep's margin asks for.

How far runs spread is known from earlier cells of the same data, split and model, if there are any; else only the
least that it can be: what the evaluated items alone produce.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from orchestrator.compare.item_noise import noise_floor
from orchestrator.compare.judge import FEWEST_FOR_A_DIFFERENCE
from orchestrator.compare.metric import Metric, is_share
from orchestrator.compare.power import Design, detectable, upper_sd
from orchestrator.compare.seeds_asked import first_level, seeds_for
from orchestrator.plan.identity import key_material
from orchestrator.plan.plan import Plan
from orchestrator.store import CellStore, SweepStore
from trainables.data.splits import split_corpus

ASSUMED_ERROR = 0.15
"""The error rate that the noise floor is reckoned with where no cell has been trained."""
SAME = ("split", "tokens", "model", "data")
"""Settings that an earlier cell must share to foretell the spread of a later one."""


@dataclass(frozen=True)
class Precision:
    """In the deciding metric's own scale."""

    sd: float | None
    """Of a run; None where nothing is known of it."""
    known_from: str
    seeds: int
    detectable: float | None
    """At 80 % power, by a two-sided t test at the level that the first of the sweep's tests must reach, the runs
    taken as unpaired; None for one seed."""
    margin: float | None
    seeds_for_margin: int | None
    sentences: tuple[str, ...]
    warning: str
    """Why the planned seeds cannot settle what the sweep asks; empty if they can."""


def precision(plan: Plan, cells: CellStore, sweeps: SweepStore) -> Precision:
    """Of comparing two arms of the plan."""
    decide, seeds = plan.spec.decide, len(plan.spec.seed_list)
    metric = Metric(decide.metric, decide.direction == "maximize")
    margin = None if decide.margin is None else decide.margin / metric.scale
    sd, known_from, is_floor = _spread(plan, metric, cells, sweeps)
    if sd is None:
        sentence = "What the seeds can detect is not known: no earlier cell of the same data and model is there."
        return Precision(None, known_from, seeds, None, margin, None, (sentence,), _too_few(seeds))
    pairs = max(1, len(plan.spec.arms) - 1)  # each arm against the baseline
    found = detectable(seeds, Design(sd), level=first_level(pairs, seeds)) if seeds > 1 else None
    needed = seeds_for(margin, Design(sd), pairs).to_settle if margin is not None else None
    sentences = [f"Spread of a run: sd {metric.said(sd)} {metric.unit}, {known_from}."]
    if found is not None:
        at_best = ", at best" if is_floor else ""
        there_is = not is_share(metric.base) or found < 1
        what = f"a difference of {metric.said(found)} {metric.unit}" if there_is else "no difference there can be"
        sentences.append(f"{seeds} seeds an arm can detect {what} at 80% power{at_best}.")
    warning = _too_few(seeds)
    looks = {seeds, *sweeps.looks(plan.spec.name), (sweeps.planned(plan.spec.name) or {}).get("seeds", seeds)}
    if looks != {seeds}:
        sentences.append(
            "A verdict at this number of seeds will be an anytime-valid one, for another was planned or looked at: "
            "it detects less."
        )
    if margin is not None:
        said = f"{margin * metric.scale:g} {metric.unit}"
        there = "more than 100,000" if needed is None else f"{'at least' if is_floor else 'about'} {needed}"
        sentences.append(f"The margin of {said} asks for {there} seeds an arm.")
        if needed is None or needed > seeds:
            warning = f"{seeds} seeds cannot settle a margin of {said}: it asks for {there}."
    return Precision(sd, known_from, seeds, found, margin, needed, tuple(sentences), warning)


def _too_few(seeds: int) -> str:
    enough = seeds >= FEWEST_FOR_A_DIFFERENCE
    return "" if enough else f"{seeds} seeds are too few for a verdict, which needs {FEWEST_FOR_A_DIFFERENCE}."


def _spread(plan: Plan, metric: Metric, cells: CellStore, sweeps: SweepStore) -> tuple[float | None, str, bool]:
    """Of a run, what it is known from, and whether that is only the least that it can be."""
    squares, df, runs = 0.0, 0, 0
    for values in _earlier_arms(plan, metric, cells, sweeps):
        squares += float(((values - values.mean()) ** 2).sum())
        df += len(values) - 1
        runs += len(values)
    if df > 0 and squares > 0:
        sd = upper_sd(math.sqrt(squares / df), df)
        return sd, f"the upper 80% bound from {runs} earlier runs of the same data and model", False
    first = plan.cells[0]
    corpus = plan.corpora[first.corpus]
    if metric.base != "accuracy" or metric.part == "train" or len(corpus.class_names) != 2:
        return None, "", False
    parts = split_corpus(corpus.splits, corpus.class_names, first.config.split, first.seed).parts
    items = len(parts[metric.part])
    floor = noise_floor(ASSUMED_ERROR, items)
    known_from = (
        f"no less than what {items:,} items alone produce at an error of {ASSUMED_ERROR:.0%}, for no earlier cell "
        "of the same data and model is there; the true one may be several times that"
    )
    return floor, known_from, True


def _earlier_arms(plan: Plan, metric: Metric, cells: CellStore, sweeps: SweepStore) -> Iterator[np.ndarray]:
    """The metric's final values of each arm of at least two finished cells, each set of cells once."""
    wanted = {_alike(key_material(cell.config, cell.fingerprint)) for cell in plan.cells}
    seen: set[str] = set()
    for name in sweeps.names():
        by_arm: dict[str, list[str]] = {}
        for cell in (sweeps.plan(name) or {"cells": []})["cells"]:
            by_arm.setdefault(cell["arm"], []).append(cell["key"])
        for keys in by_arm.values():
            settings = next((s for key in keys if (s := cells.settings(key)) is not None), None)
            if settings is None or _alike(settings) not in wanted:
                continue
            results = cells.results([key for key in keys if key not in seen])
            seen.update(keys)
            finals = [stored.result.final for stored in results.values()]
            values = [final[metric.name] for final in finals if metric.name in final]
            if len(values) > 1:
                yield np.array(values)


def _alike(material: dict[str, Any]) -> str:
    """The settings that must be shared, as text."""
    return json.dumps({group: material.get(group) for group in SAME}, sort_keys=True)
