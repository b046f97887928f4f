"""What is tried: worlds, numbers of seeds, repetitions."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.validity import exact, trials
from benchmarks.validity.fishing import CATCHES, fished
from benchmarks.validity.items import ALL_ITEMS, ItemWorld
from benchmarks.validity.learning import LearningWorld, of_learning
from benchmarks.validity.macro_f1 import of_macro_f1
from benchmarks.validity.tally import Share, Tally
from benchmarks.validity.worlds import Law, ValueWorld, even, heavy, skewed
from orchestrator.compare.few_beside_many import MOST_TIMES

SEEDS = (5, 10, 20, 50)
LOOKS = (5, 10, 20, 50, 100)
ITEM_LOOKS = (*range(5, 21), *range(25, 51, 5))
REPETITIONS = 10_000
REPETITIONS_OF_ALL = {5: 4000, 10: 2000}
"""Of sweeps with all items, which take long."""
MANY_QUESTIONS, REPETITIONS_OF_MANY = 10, 3000
"""To the same runs, which take long to judge."""
FEWER_ITEMS = 200
MARGIN = 1.5
"""In standard deviations of a run: with 5 pairs a verdict is possible, with 50 it errs as often as it ever does."""
ITEM_MARGIN = 0.003
ONE_PAIR = ((1, 0),)
AGAINST_THE_BASELINE = ((1, 0), (2, 0), (3, 0))

PLAIN, SKEWED = Law(), Law(skewed)
STALLING = Law(stalls=0.1)
SEED_SD = 0.0015
"""As much as 22,500 items alone produce."""


@dataclass(frozen=True)
class Study:
    """One world at one number of seeds, or at several looks."""

    group: str
    """The table that it stands in."""
    name: str
    run: Callable[[int, np.random.Generator], tuple[Share, ...]]
    repetitions: int = REPETITIONS

    def shares(self, share_of_repetitions: float) -> tuple[Share, ...]:
        """Each study has a stream of random numbers of its own, so that adding one changes no other."""
        rng = np.random.default_rng(zlib.crc32(f"{self.group}/{self.name}".encode()))
        return self.run(max(2, round(self.repetitions * share_of_repetitions)), rng)


NORMAL = ValueWorld("normal", (PLAIN, PLAIN))
EQUALLY_SKEWED = ValueWorld("equally skewed", (SKEWED, SKEWED))
STALLED = ValueWorld("10 % stall in both arms", (STALLING, STALLING))
VALUES = (
    NORMAL,
    ValueWorld("normal, pairs alike (.9)", (PLAIN, PLAIN), correlation=0.9),
    ValueWorld("normal, pairs opposed (−.5)", (PLAIN, PLAIN), correlation=-0.5),
    EQUALLY_SKEWED,
    ValueWorld("one arm skewed", (PLAIN, SKEWED)),
    ValueWorld("one arm heavy-tailed", (PLAIN, Law(heavy))),
    ValueWorld("one arm skewed, one even", (Law(even), SKEWED)),
    ValueWorld("spread 1 : 2.2", (PLAIN, Law(sd=2.2))),
    ValueWorld("spread 1 : 3", (PLAIN, Law(sd=3))),
    STALLED,
    ValueWorld("10 % stall in one arm", (PLAIN, STALLING)),
    ValueWorld("split drawn by each seed (1/4)", (PLAIN, PLAIN), resampled=0.2),
)
FEW_BESIDE_MANY = (
    NORMAL,
    EQUALLY_SKEWED,
    ValueWorld("the few skewed", (PLAIN, SKEWED)),
    ValueWorld("spread of the few 3 times as wide", (PLAIN, Law(sd=3))),
)
FAMILIES = (
    ValueWorld("4 arms, all alike", (PLAIN,) * 4),
    ValueWorld("4 arms, one far better and steadier", (PLAIN, Law(mean=5, sd=0.1), PLAIN, PLAIN)),
)
AT_THE_MARGIN = (
    ValueWorld("normal", (PLAIN, Law(mean=MARGIN))),
    ValueWorld("equally skewed", (SKEWED, Law(skewed, MARGIN))),
    ValueWorld("4 arms, three at the margin", (PLAIN, *(Law(mean=MARGIN),) * 3)),
)
DIFFER = ItemWorld("arms differ by item", FEWER_ITEMS, SEED_SD, differ=0.5)
DIFFER_MUCH = ItemWorld("arms differ much by item", FEWER_ITEMS, SEED_SD / 3, differ=2.0)
ITEMS = (
    ItemWorld("same arms, no luck of seeds", FEWER_ITEMS, 0.0),
    DIFFER,
    DIFFER_MUCH,
    ItemWorld("arms differ by item, pairs alike", FEWER_ITEMS, SEED_SD, differ=0.5, shared=0.8),
    ItemWorld("arms differ by item, disjoint seeds", FEWER_ITEMS, SEED_SD, differ=0.5, paired=False),
)
CHURNING = (
    ItemWorld("same arms", FEWER_ITEMS, SEED_SD),
    ItemWorld("same arms, much luck of seeds", FEWER_ITEMS, 10 * SEED_SD / 3),
    *ITEMS[1:],
)
LEARNING = tuple(LearningWorld(accuracy, items) for accuracy in (0.65, 0.88) for items in (25, 100, 600))
REPETITIONS_OF_LEARNING = 400
"""Through stored predictions, which take long to read."""
REPETITIONS_OF_MACRO_F1 = 4000
ALL_22500 = ItemWorld("arms differ by item, all 22,500", ALL_ITEMS, SEED_SD, differ=0.5)
ITEMS_AT_THE_MARGIN = ItemWorld("arms differ by item", FEWER_ITEMS, SEED_SD, differ=0.5, lead=ITEM_MARGIN)


def all_studies() -> Iterator[Study]:
    for n in SEEDS:
        for values in VALUES:
            yield _study("values", f"{values.name}, n = {n}", trials.of_values, values, ONE_PAIR, n)
    for n in SEEDS[:3]:
        for times in (MOST_TIMES, 5):
            for values in FEW_BESIDE_MANY:
                many = replace(values, name=f"{values.name}, beside {times:g} times as many")
                name = f"{many.name}, n = {n}"
                yield _study("other numbers", name, trials.of_values, many, ONE_PAIR, n, of_versus=times)
    yield from _items()
    yield from _looks()
    for n in SEEDS:
        for world in CHURNING:
            yield _study("churn", f"{world.name}, n = {n}", trials.of_churn, world, n)
    for name, asks in CATCHES.items():
        study = _study("fishing", name, fished, ValueWorld(name, (PLAIN,) * 4), asks)
        yield study if len(asks) < MANY_QUESTIONS else replace(study, repetitions=REPETITIONS_OF_MANY)
    for n in SEEDS:
        for family in FAMILIES:
            yield _study("family", f"{family.name}, n = {n}", trials.of_values, family, AGAINST_THE_BASELINE, n)
    for n in SEEDS:
        for world in AT_THE_MARGIN:
            name, pairs = f"{world.name}, n = {n}", AGAINST_THE_BASELINE[: len(world.laws) - 1]
            yield _study("margin", name, trials.of_values, world, pairs, n, margin=MARGIN)
    for n in SEEDS:
        yield Study("divergence", f"n = {n}", lambda repetitions, rng, n=n: tuple(exact.of_divergence(n)))

    for n in (5, 10):
        for learning in LEARNING:
            study = _study("stalled", f"{learning.name}, n = {n}", of_learning, learning, n)
            yield replace(study, repetitions=REPETITIONS_OF_LEARNING)
    for n in (5, 10, 20):
        for world in (CHURNING[0], DIFFER, DIFFER_MUCH):
            study = _study("macro-F1", f"{world.name}, n = {n}", of_macro_f1, world, n)
            yield replace(study, repetitions=REPETITIONS_OF_MACRO_F1)


def _items() -> Iterator[Study]:
    for n in SEEDS:
        for world in ITEMS:
            yield _study("items", f"{world.name}, n = {n}", trials.of_items, world, n)
        world = ITEMS_AT_THE_MARGIN
        yield _study("items", f"at the margin, n = {n}", trials.of_items, world, n, margin=world.difference)
    for n, repetitions in REPETITIONS_OF_ALL.items():
        study = _study("items", f"{ALL_22500.name}, n = {n}", trials.of_items, ALL_22500, n)
        yield replace(study, repetitions=repetitions)


def _looks() -> Iterator[Study]:
    for world in (NORMAL, EQUALLY_SKEWED, FAMILIES[0], STALLED):
        pairs = AGAINST_THE_BASELINE[: len(world.laws) - 1]
        yield _study("looks", world.name, trials.looked_at, world, pairs, LOOKS)
    yield _study("looks", "at the margin", trials.looked_at, AT_THE_MARGIN[0], ONE_PAIR, LOOKS, margin=MARGIN)
    kept = ValueWorld("normal, 5 planned", (PLAIN, PLAIN))
    yield _study("looks", kept.name, trials.looked_at, kept, ONE_PAIR, LOOKS, planned=5)
    kept = replace(AT_THE_MARGIN[0], name="normal, 5 planned")
    at_the_margin = {"margin": MARGIN, "planned": 5}
    yield _study("looks", "at the margin, 5 planned", trials.looked_at, kept, ONE_PAIR, LOOKS, **at_the_margin)
    every = range(2, 61)
    for item_sd in (0.0, 0.1, 0.2, 0.5, 1.0):
        name = f"luck of the items {item_sd:g} sd" if item_sd else "no luck of the items"
        world = ValueWorld(name, (PLAIN, PLAIN), item_sd=item_sd)
        yield _study("looks", name, trials.interval_at_each, world, every)
    for times in (1, 5):
        many = f", {times} runs of the steady arm for each of the wide one" if times > 1 else ", two samples"
        world = ValueWorld(f"spread 1 : 3{many}", (PLAIN, Law(sd=3)))
        yield _study("looks", world.name, trials.interval_at_each, world, every[1:], of_versus=times)
    for items in (DIFFER, DIFFER_MUCH):
        yield _study("looks", items.name, trials.interval_at_each_over_items, items, ITEM_LOOKS)


def _study(
    group: str,
    name: str,
    trial: Callable[..., Tally],
    world: ValueWorld | ItemWorld | LearningWorld,
    *given: Any,
    **named: Any,
) -> Study:
    def run(repetitions: int, rng: np.random.Generator) -> tuple[Share, ...]:
        return trial(world, *given, repetitions=repetitions, rng=rng, **named).shares

    return Study(group, name, run)
