"""Simulated runs, judged by compare's own functions, from the arms' runs on to the verdicts.

What compare does before (reading a store) and after (printing) is left out, and so are the numbers that it prints
beside and no verdict looks at: they take most of the time. A test holds that the verdicts are the same with them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from orchestrator.compare import judge as judging
from orchestrator.compare import measure
from orchestrator.compare.assemble import measure_pair
from orchestrator.compare.comparison import PairComparison
from orchestrator.compare.judge import judge
from orchestrator.compare.looks.look import PLANNED_LEVEL, Look
from orchestrator.compare.measured import Rules
from orchestrator.compare.metric import Metric
from orchestrator.compare.rests_on import Resampling
from orchestrator.compare.runs import ArmRuns, RunScores
from orchestrator.compare.samples import side_by_side
from orchestrator.compare.statistics.anytime import SeedEvidence
from orchestrator.compare.statistics.permutation import PermutationTest

OF_VALUES = Metric("test_macro_f1", maximize=True)
"""Has no mean over items: its verdicts are for new seeds alone."""
OF_ITEMS = Metric("test_accuracy", maximize=True)

PLANNED = Look(0, 0, False, "", PLANNED_LEVEL)
"""The first look, at the planned seeds."""

_NO_PERMUTATION = PermutationTest(None, (), 0, False, 1.0, "left out")
_NO_EVIDENCE = SeedEvidence(0.0, 0.0, 1.0, 1.0, (), "left out")


@contextmanager
def only_what_verdicts_rest_on() -> Iterator[None]:
    """Leaves out permutations, power, churn, the test of divergence, F, g and the e-value."""
    of_measure = mock.patch.multiple(
        measure,
        sign_flip=lambda a, b, rng: _NO_PERMUTATION,
        permuted_welch=lambda a, b, rng: _NO_PERMUTATION,
        rate_difference=lambda a, b: None,
        hedges_g=lambda a, b: None,
        f_interval=lambda a, b: None,
        paired_evidence=lambda a, b: _NO_EVIDENCE,
        two_sample_evidence=lambda a, b: _NO_EVIDENCE,
        churn=mock.Mock(across=lambda *predicted, same_seed: None, beyond_seeds=lambda *predicted, same_seed: None),
    )
    of_judge = mock.patch.object(judging, "power_said", _nothing_said)
    with of_measure, of_judge:
        yield


def _nothing_said(*_: object) -> str:
    """Not a mock, which would keep what it was called with: the items of a million pairs of arms."""
    return ""


def rules(metric: Metric, margin: float | None, look: Look | None = None) -> Rules:
    """Of the planned look, if nothing else is said."""
    return Rules(metric, margin, PLANNED if look is None else look, scope="")


def arm_of_values(name: str, values_S: NDArray[np.float64], stalled_S: NDArray[np.bool_]) -> ArmRuns:
    """Without items, and so paired by seed with any other."""
    values = dict(enumerate(values_S.tolist()))
    return ArmRuns(
        name, frozenset(values), values, frozenset(), stalled=frozenset(np.flatnonzero(stalled_S).tolist())
    )


def arm_of_predictions(name: str, values_S: NDArray[np.float64], items: int) -> ArmRuns:
    """Of a metric that is no mean over items; of those it is known which they are."""
    values = dict(enumerate(values_S.tolist()))
    scores = dict.fromkeys(values, _scores("the same", np.empty(0), items))
    return ArmRuns(name, frozenset(values), values, frozenset(), scores)


def arm_of_items(name: str, correct_SN: NDArray[np.bool_], first_seed: int = 0) -> ArmRuns:
    seeds = range(first_seed, first_seed + len(correct_SN))
    scores_SN = correct_SN.astype(np.float64)
    values = dict(zip(seeds, scores_SN.mean(1).tolist(), strict=True))
    scores = {seed: _scores("the same", row) for seed, row in zip(seeds, scores_SN, strict=True)}
    return ArmRuns(name, frozenset(seeds), values, frozenset(), scores)


def judged(
    arms: Sequence[ArmRuns], pairs: Sequence[tuple[int, int]], by: Rules, resampling: Resampling | None = None
) -> tuple[PairComparison, ...]:
    """Of each pair (arm, versus), by place."""
    rng = np.random.default_rng(0)  # as `compare` begins with
    measured = [measure_pair(side_by_side(arms[arm], arms[versus]), by, resampling, rng) for arm, versus in pairs]
    return judge(measured, by)


def _scores(items: str, correct_N: NDArray[np.float64], predicted: int = 0) -> RunScores:
    return RunScores(items, "", 2, np.zeros(predicted, np.int64), np.empty(0), {"accuracy": correct_N})
