"""Judges the two sweeps ten by ten, and writes what was said into docs/validity.md. See the package.

Arms with the same seeds would be the same runs to the last bit, and their difference 0 for certain. So the arms
are one loss with disjoint seeds: independent draws. They are judged twice, as they are (two samples), and as the
default design would judge them (pairs): run k of the one beside run k of the other, an order that was fixed before
anything was trained and that carries nothing, so that a pair's difference is luck alone.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.validity.judging import OF_ITEMS, judged, only_what_verdicts_rest_on, rules
from benchmarks.validity.page import PAGE, write_between
from benchmarks.validity.tally import Asked, Question, Share
from orchestrator.compare import Comparison, compare
from orchestrator.compare.runs import ArmRuns, read_runs
from orchestrator.results import ResultTable

TEN = 10
DEALS = 2000


def side_by_side(one: ResultTable, other: ResultTable, places: Sequence[int], paired: bool) -> ResultTable:
    """The runs at these places of both sweeps as one planned sweep of two arms."""
    cells = []
    for arm, table in (("A", one), ("B", other)):
        for place in places:
            cell = table.plan["cells"][place]
            cells.append({**cell, "arm": arm, "seed": place if paired else cell["seed"]})
    arms = [{**table.plan["arms"][0], "name": arm} for arm, table in (("A", one), ("B", other))]
    plan = {**one.plan, "arms": arms, "cells": cells, "baseline": "A", "seeds": list(places)}
    return ResultTable(plan, one.cells)


def row(name: str, comparison: Comparison) -> str:
    (pair,) = comparison.pairs
    numbers, a, b = pair.numbers, *comparison.arms
    assert numbers is not None
    assert numbers.rests_on.interval is not None
    assert a.mean is not None
    assert b.mean is not None
    low, high = map(OF_ITEMS.said_difference, (numbers.rests_on.interval.low, numbers.rests_on.interval.high))
    said = ", ".join(verdict.kind for verdict in pair.verdicts)
    ps = f"{numbers.rests_on.p:.3f} | {numbers.brown_forsythe.p:.3f}"
    means = f"{100 * a.mean:.2f} | {100 * b.mean:.2f} | {OF_ITEMS.said_difference(b.mean - a.mean)}"
    return f"| {name} | {means} | {low} to {high} | {ps} | {said} |\n"


def dealt(one: ArmRuns, other: ArmRuns, deals: int, rng: np.random.Generator) -> list[Share]:
    """All runs shuffled and dealt out to two arms of ten, again and again: how often is anything called?"""
    values = [*one.values.values(), *other.values.values()]
    scores = [*one.scores.values(), *other.scores.values()]
    counts: Counter[str] = Counter()
    for _ in range(deals):
        drawn = rng.permutation(len(values))[: 2 * TEN].reshape(2, TEN)
        arms = [
            replace(
                one,
                planned=frozenset(range(TEN)),
                values={seed: values[i] for seed, i in enumerate(places)},
                scores={seed: scores[i] for seed, i in enumerate(places)},
                others={},
            )
            for places in drawn
        ]
        (pair,) = judged(arms, [(1, 0)], rules(OF_ITEMS, None))
        kinds = {verdict.kind for verdict in pair.verdicts}
        counts.update(kinds)
        counts["BETTER or STEADIER"] += bool(kinds & {"BETTER", "STEADIER"})
        assert pair.numbers is not None
        counts["p < .05 by the paired t, for these items alone"] += (pair.numbers.fixed_items.p or 1) < 0.05
    asked = ("BETTER", "STEADIER", "BETTER or STEADIER", "p < .05 by the paired t, for these items alone")
    return [Share("dealt", str(TEN), Question(Asked.FALSE_ALARM, of), counts[of], deals) for of in asked]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path)
    arguments = parser.parse_args()
    one, other = (ResultTable.open(f"same_loss_{arm}", arguments.home) for arm in "ab")
    everything = range(len(one.plan["cells"]))
    said = ""
    for design, paired in (("pairs", True), ("two samples", False)):
        said += f"\nAs {design}:\n\n"
        said += "| runs | A, % | B, % | difference | 95 % CI, new reviews too | p | p of spread | said |\n"
        said += "|---|---:|---:|---:|---:|---:|---:|---|\n"
        tens = [everything[first : first + TEN] for first in everything[::TEN]]
        for places in (*tens, everything):
            name = f"{places[0]} to {places[-1]}"
            said += row(name, compare(side_by_side(one, other, places, paired)))
    runs = read_runs(side_by_side(one, other, everything, paired=True), OF_ITEMS)
    with only_what_verdicts_rest_on():
        shares = dealt(runs["A"], runs["B"], DEALS, np.random.default_rng(0))
    said += f"\nThe runs shuffled and dealt out to two arms of ten, {DEALS:,} times:\n\n"
    said += "| said | % of deals |\n|---|---:|\n"
    said += "".join(f"| {s.question.of} | {100 * s.share:.1f} ± {100 * s.error:.1f} |\n" for s in shares)
    write_between(PAGE, "same loss", said)
    print(said)


if __name__ == "__main__":
    main()
