"""Macro-F1 is no mean over items: its verdicts are for new seeds on these items, and so they say.

Here is seen that what they say holds, and what they would be worth were they said of new items. One item in five is
of the rarer class. The difference that is true on the items of a repetition is computed, not simulated.

Shapes: S seeds, N items.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.validity import questions
from benchmarks.validity.items import ItemWorld
from benchmarks.validity.judging import OF_VALUES, arm_of_predictions, judged, rules
from benchmarks.validity.tally import Asked, Question, Tally
from benchmarks.validity.worlds import Truth

HOLDS = Question(Asked.COVERAGE, "macro-F1, the interval in the verdict, on these items")
ON_THESE = Question(Asked.FALSE_ALARM, "BETTER by macro-F1, on these items")
OF_NEW = Question(Asked.FALSE_ALARM, "BETTER by macro-F1, were it of new items")

LUCKS = 9
"""Of a seed, over which what it reaches is averaged."""

Numbers = NDArray[np.float64]


def of_macro_f1(world: ItemWorld, seeds: int, repetitions: int, rng: np.random.Generator) -> Tally:
    """Two arms that over all items are as good as each other."""
    tally, by = Tally(world.name, str(seeds)), rules(OF_VALUES, None)
    rare_N = np.arange(world.items) % 5 == 0
    for _ in range(repetitions):
        kinds_N = world.draw_items(rng)
        values = [
            macro_f1(*right(correct_SN, rare_N), rare_N) for correct_SN in world.draw_runs(kinds_N, rng, seeds)
        ]
        arms = [
            arm_of_predictions(name, values_S, world.items) for name, values_S in zip("AB", values, strict=True)
        ]
        on_these = np.subtract(*expected(world, kinds_N, rare_N))
        verdict = judged(arms, [(0, 1)], by)[0].verdicts[0]
        is_false = questions.falsely_better(verdict, Truth(float(on_these)))
        if verdict.interval is not None:
            tally.add([(HOLDS, on_these in verdict.interval)])
        tally.add([(ON_THESE, is_false), (OF_NEW, verdict.kind == "BETTER")])
    return tally


def right(correct_SN: NDArray[np.bool_], rare_N: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """How many of the common class, and of the rare one, each run has right."""
    return correct_SN[:, ~rare_N].sum(1).astype(float), correct_SN[:, rare_N].sum(1).astype(float)


def macro_f1(common: Numbers, rare: Numbers, rare_N: NDArray[np.bool_]) -> Numbers:
    """Of so many that are right: the mean over both classes of 2 t / (said + true)."""
    said_rare = rare - common + len(rare_N)
    said_common = common - rare + len(rare_N)
    found: Numbers = rare / said_rare + common / said_common
    return found


def expected(world: ItemWorld, kinds_N: NDArray[np.int64], rare_N: NDArray[np.bool_]) -> tuple[float, float]:
    """What a run of either arm reaches on average on these items: to second order in how many are right, which with
    a seed's luck given are sums of independent throws."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(LUCKS)
    means = []
    for p_LN in world.chances(kinds_N, nodes):
        common, rare = p_LN[:, ~rare_N].sum(1), p_LN[:, rare_N].sum(1)
        loose_LN = p_LN * (1 - p_LN)
        of_rare, of_common = rare - common + len(rare_N), common - rare + len(rare_N)
        bent = 2 * (rare / of_rare**3 + common / of_common**3)
        second = loose_LN[:, ~rare_N].sum(1) * (bent - 2 / of_common**2)
        second += loose_LN[:, rare_N].sum(1) * (bent - 2 / of_rare**2)
        reached = macro_f1(common, rare, rare_N) + second / 2
        means.append(float(reached @ weights / weights.sum()))
    return means[0], means[1]
