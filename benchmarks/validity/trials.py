"""Repetitions: draw, have it judged, ask. One function for each way in which a sweep is looked at."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.validity import questions
from benchmarks.validity.fishing import asked, planned_of
from benchmarks.validity.items import ItemWorld
from benchmarks.validity.judging import OF_ITEMS, OF_VALUES, arm_of_items, arm_of_values, judged, rules
from benchmarks.validity.tally import Asked, Question, Tally
from benchmarks.validity.worlds import Truth, ValueWorld
from orchestrator.compare.judged import AnytimeDifference
from orchestrator.compare.looks.look import judge_look
from orchestrator.compare.measured import Rules
from orchestrator.compare.rests_on import Evidence, Resampling, rests_on
from orchestrator.compare.statistics.anytime import paired_evidence, two_sample_evidence
from orchestrator.compare.statistics.churn import beyond_seeds
from orchestrator.compare.statistics.estimates import CONFIDENCE, LEVEL
from orchestrator.compare.statistics.item_noise import item_noise
from orchestrator.compare.statistics.steadier import FEWEST_FOR_SPREAD
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.notes import Notes

BATCH = 1000
"""Repetitions drawn at once."""
EVERY_LOOK = Question(Asked.COVERAGE, "anytime interval, at every look")
MORE_CHURN = Question(Asked.COVERAGE, "churn across − within")
BEYOND_ITEMS = Question(Asked.FALSE_ALARM, "spread beyond its items")
TRAINED = 10_000
"""Training rows of a sweep whose split varies by seed; only their ratio to those evaluated matters."""
FEWEST = 2
"""Seeds, fewer than are ever judged."""

Pairs = Sequence[tuple[int, int]]


def of_values(
    world: ValueWorld,
    pairs: Pairs,
    seeds: int,
    repetitions: int,
    rng: np.random.Generator,
    margin: float | None = None,
    of_versus: float = 1,
) -> Tally:
    """Sweeps of the planned number of seeds; with so many times as many runs of the first arm as of another."""
    tally, truths = Tally(world.name, str(seeds)), _of(pairs, world.truths())
    overlap = world.resampled / (1 - world.resampled)
    resampling = Resampling(round(overlap * TRAINED), TRAINED) if overlap else None
    by = rules(OF_VALUES, margin)
    for size in _batches(repetitions):
        runs = world.draw(rng, size, int(of_versus * seeds))
        for values_AS, stalled_AS in zip(runs.values_RAS, runs.stalled_RAS, strict=True):
            arms = [
                arm_of_values(f"arm {i}", *(of_S[: seeds if i else None] for of_S in of))
                for i, of in enumerate(zip(values_AS, stalled_AS, strict=True))
            ]
            found = judged(arms, pairs, by, resampling)
            if margin is None and len(pairs) == 1:
                tally.add(questions.of_intervals(found[0], truths[0]))
            tally.add(questions.of_verdicts(found, truths, margin))
    return tally


def of_items(
    world: ItemWorld, seeds: int, repetitions: int, rng: np.random.Generator, margin: float | None = None
) -> Tally:
    """Two arms judged on the same items, at the planned number of seeds."""
    tally, by = Tally(world.name, str(seeds)), rules(OF_ITEMS, margin)
    for _ in range(repetitions):
        a_SN, b_SN, on_these = world.draw(rng, seeds)
        arms = [arm_of_items("A", a_SN), arm_of_items("B", b_SN, 0 if world.paired else seeds)]
        found = judged(arms, [(0, 1)], by)
        truth = Truth(world.difference, difference_on_these_items=on_these)
        if margin is None:
            tally.add(questions.of_intervals(found[0], truth))
        tally.add(questions.of_verdicts(found, [truth], margin))
        if not world.seed_sd and seeds >= FEWEST_FOR_SPREAD:
            p = item_noise(a_SN).p
            tally.add([(BEYOND_ITEMS, p is not None and p < LEVEL)])
    return tally


def of_churn(world: ItemWorld, seeds: int, repetitions: int, rng: np.random.Generator) -> Tally:
    """By how much two arms disagree more than two seeds of one, on the items that there are."""
    tally = Tally(world.name, str(seeds))
    for _ in range(repetitions):
        kinds_N = world.draw_items(rng)
        a_SN, b_SN = (correct_SN.astype(np.int64) for correct_SN in world.draw_runs(kinds_N, rng, seeds))
        found = beyond_seeds(a_SN, b_SN, same_seed=world.paired)
        if found is not None and found.interval is not None:
            tally.add([(MORE_CHURN, world.churn_beyond_seeds(kinds_N) in found.interval)])
    return tally


def looked_at(
    world: ValueWorld,
    pairs: Pairs,
    looks: Sequence[int],
    repetitions: int,
    rng: np.random.Generator,
    margin: float | None = None,
    planned: int = 0,
) -> Tally:
    """A growing sweep, with all its verdicts at each look; `planned` 0: at none of them.

    Not asked about STEADIER, which is withheld but at a planned look.
    """
    tally, truths = Tally(world.name, _said(looks)), _of(pairs, world.truths())
    by, shown = list[Rules](), list[NotedLook]()
    noted = planned_of(asked(pairs, planned or FEWEST))
    for seeds in looks:
        of = asked(pairs, seeds)
        by.append(rules(OF_VALUES, margin, judge_look(of, Notes((noted,), tuple(shown)))))
        shown += of.looks(plain=not by[-1].look.anytime)
    for size in _batches(repetitions):
        runs = world.draw(rng, size, looks[-1])
        for values_AS, stalled_AS in zip(runs.values_RAS, runs.stalled_RAS, strict=True):
            answers: dict[Question, bool] = {}
            for seeds, rule in zip(looks, by, strict=True):
                arms = [
                    arm_of_values(f"arm {i}", values_S[:seeds], stalled_S[:seeds])
                    for i, (values_S, stalled_S) in enumerate(zip(values_AS, stalled_AS, strict=True))
                ]
                found = judged(arms, pairs, rule)
                for question, hit in questions.of_verdicts(found, truths, margin):
                    if question in (questions.STEADIER, questions.EITHER):
                        continue
                    held = answers.get(question, question.asked == Asked.COVERAGE)
                    answers[question] = held and hit if question.asked == Asked.COVERAGE else held or hit
            tally.add(answers.items())
    return tally


def interval_at_each(
    world: ValueWorld,
    looks: Sequence[int],
    repetitions: int,
    rng: np.random.Generator,
    of_versus: int | None = None,
) -> Tally:
    """The anytime interval of the first two arms' difference; with the world's luck of the items as known.

    `of_versus`: as two samples, with so many runs of the first arm for each of the second; None: as pairs.
    """
    tally, (truth,) = Tally(world.name, _said(looks)), _of([(1, 0)], world.truths())
    evidence_of, times = (paired_evidence, 1) if of_versus is None else (two_sample_evidence, of_versus)
    for size in _batches(repetitions):
        for b, a in world.draw(rng, size, times * looks[-1]).values_RAS[:, :2]:
            evidence = (evidence_of(a[:n], b[: times * n]) for n in looks)
            intervals = (
                AnytimeDifference(seen, world.item_sd**2 or None).interval_at(CONFIDENCE) for seen in evidence
            )
            tally.add([(EVERY_LOOK, all(i is None or truth.difference in i for i in intervals))])
    return tally


def interval_at_each_over_items(
    world: ItemWorld, looks: Sequence[int], repetitions: int, rng: np.random.Generator
) -> Tally:
    """The same from scores by item, whose part is estimated anew at each look."""
    tally = Tally(world.name, _said(looks))
    for _ in range(repetitions):
        a_SN, b_SN = (correct_SN.astype(np.float64) for correct_SN in world.draw(rng, looks[-1])[:2])
        a, b = a_SN.mean(1), b_SN.mean(1)
        intervals = (
            rests_on(Evidence(a[:n], b[:n], True, (a_SN[:n], b_SN[:n])), anytime=True).interval_at(CONFIDENCE)
            for n in looks
        )
        tally.add([(EVERY_LOOK, all(i is None or world.difference in i for i in intervals))])
    return tally


def _batches(repetitions: int) -> list[int]:
    return [min(BATCH, repetitions - done) for done in range(0, repetitions, BATCH)]


def _of(pairs: Pairs, truths: Mapping[tuple[int, int], Truth]) -> list[Truth]:
    return [truths[pair] for pair in pairs]


def _said(looks: Sequence[int]) -> str:
    each = len(looks) > 2 and looks[-1] - looks[0] == len(looks) - 1
    if each:
        return f"each of {looks[0]} to {looks[-1]}"
    return ", ".join(map(str, looks)) if len(looks) < 10 else f"{len(looks)} from {looks[0]} to {looks[-1]}"
