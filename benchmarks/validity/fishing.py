"""Who asks the same runs one question after another, until one is answered as is wished.

Each question is judged twice: as compare judges it, by what was asked before, and as if it were the first.

Shapes: R repetitions, A arms, S seeds.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from benchmarks.validity import questions
from benchmarks.validity.judging import OF_VALUES, arm_of_values, rules
from benchmarks.validity.tally import Asked as Kind
from benchmarks.validity.tally import Question as Counted
from benchmarks.validity.tally import Tally
from benchmarks.validity.worlds import ValueWorld
from orchestrator.compare.assemble import measure_pair
from orchestrator.compare.judge import judge
from orchestrator.compare.looks.asked import Asked
from orchestrator.compare.looks.look import Look, judge_look
from orchestrator.compare.measured import Measured, Rules
from orchestrator.compare.samples import side_by_side
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes
from orchestrator.store.question import Question

AS_FIRST = Counted(Kind.FALSE_ALARM, "BETTER or STEADIER, were each question the first")
METRICS_ALIKE = 0.5
"""The correlation of a run's metrics."""

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Ask:
    """A question to arms by place; `metric` 0 is the one that the sweep names."""

    pairs: Pairs
    seeds: int = 10
    metric: int = 0


ONE, BASELINE, EVERY = ((1, 0),), ((1, 0), (2, 0), (3, 0)), tuple((b, a) for a, b in combinations(range(4), 2))

CATCHES: Mapping[str, Sequence[Ask]] = {
    "all pairs after the baseline's": (Ask(BASELINE), Ask(EVERY)),
    "then each two arms as a sweep": (Ask(BASELINE), *(Ask((pair,)) for pair in EVERY)),
    "a baseline, and an arm more each time": (Ask(BASELINE[:1]), Ask(BASELINE[:2]), Ask(BASELINE)),
    "five metrics, one after another": tuple(Ask(ONE, metric=metric) for metric in range(5)),
    "all of it, with 10, 20 and 50 seeds": (
        *(Ask(BASELINE[:arms]) for arms in (1, 2, 3)),
        *(Ask(ONE, metric=metric) for metric in range(1, 5)),
        *(Ask(pairs, seeds) for pairs, seeds in ((EVERY, 10), (BASELINE, 20), (EVERY, 20), (BASELINE, 50))),
    ),
}
"""What is asked, in its order, of four arms that are all alike."""


def asked(pairs: Iterable[tuple[int, int]], seeds: int, metric: str = "", sweep: str = "") -> Asked:
    """Of arms that are known by their places."""
    runs = [frozenset(f"{arm}-{seed}" for seed in range(seeds)) for arm in range(10)]
    question = Question(frozenset(frozenset((runs[a], runs[b])) for a, b in pairs), metric, None)
    return Asked(question, {sweep: tuple(range(seeds))})


def planned_of(of: Asked) -> NotedPlan:
    """As if it had been planned before anything could be seen."""
    ((sweep, seeds),) = of.sweeps.items()
    return NotedPlan(sweep, seeds, of.question)


def looks_of(asks: Iterable[Ask]) -> list[Look]:
    """How each is judged, each as a sweep of its own, if all verdicts are shown. The first is as planned; nobody
    has planned the others."""
    shown, found, plans = list[NotedLook](), list[Look](), list[NotedPlan]()
    for number, ask in enumerate(asks):
        of = asked(ask.pairs, ask.seeds, f"metric {ask.metric}", f"sweep {number}")
        plans = plans or [planned_of(of)]
        look = judge_look(of, Notes(tuple(plans), tuple(shown)))
        if not look.withheld:
            shown += of.looks(plain=not look.anytime)
        found.append(look)
    return found


def fished(world: ValueWorld, asks: Sequence[Ask], repetitions: int, rng: np.random.Generator) -> Tally:
    """Whether any answer says BETTER or STEADIER of arms that are alike."""
    tally = Tally(world.name, "10 to 50" if any(ask.seeds > 10 for ask in asks) else "10")
    most, metrics = max(ask.seeds for ask in asks), 1 + max(ask.metric for ask in asks)
    as_asked = [(ask, look) for ask, look in zip(asks, looks_of(asks), strict=True) if not look.withheld]
    judged_so = {
        questions.EITHER: [(ask, rules(OF_VALUES, None, look)) for ask, look in as_asked],
        AS_FIRST: [(ask, rules(OF_VALUES, None)) for ask in asks],
    }
    for _ in range(repetitions):
        runs = _Runs(_metrics(world, metrics, most, rng))
        tally.add((counted, any(runs.say(ask, by) for ask, by in each)) for counted, each in judged_so.items())
    return tally


class _Runs:
    """One repetition; what is measured for one question serves the others."""

    def __init__(self, values_MAS: NDArray[np.float64]):
        self._values_MAS, self._measured = values_MAS, dict[object, Measured]()

    def say(self, ask: Ask, by: Rules) -> bool:
        found = judge([self._pair(pair, ask, by) for pair in ask.pairs], by)
        return any(verdict.kind in ("BETTER", "STEADIER") for pair in found for verdict in pair.verdicts)

    def _pair(self, pair: tuple[int, int], ask: Ask, by: Rules) -> Measured:
        of = pair, ask.seeds, ask.metric, by.look.anytime
        if of not in self._measured:
            none = np.zeros(ask.seeds, bool)
            a, b = (arm_of_values(str(arm), self._values_MAS[ask.metric, arm, : ask.seeds], none) for arm in pair)
            self._measured[of] = measure_pair(side_by_side(a, b), by, None, np.random.default_rng(0))
        return self._measured[of]


def _metrics(world: ValueWorld, metrics: int, seeds: int, rng: np.random.Generator) -> NDArray[np.float64]:
    drawn_MAS = world.draw(rng, metrics, seeds).values_RAS
    shared_AS = world.draw(rng, 1, seeds).values_RAS[0]
    mixed_MAS: NDArray[np.float64] = math.sqrt(METRICS_ALIKE) * shared_AS + math.sqrt(1 - METRICS_ALIKE) * drawn_MAS
    return mixed_MAS
