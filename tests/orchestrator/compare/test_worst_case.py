"""Diverged runs, filled in against the arm that leads."""

import numpy as np
import pytest

from orchestrator.compare.metric import Metric
from orchestrator.compare.rests_on import Evidence
from orchestrator.compare.runs import ArmRuns
from orchestrator.compare.samples import side_by_side
from orchestrator.compare.worst_case import against, bounds


def arm(name: str, values: dict[int, float], diverged: set[int]) -> ArmRuns:
    return ArmRuns(name, frozenset(values) | frozenset(diverged), values, frozenset(diverged))


A, B = arm("a", {0: 0.6, 1: 0.7}, {2}), arm("b", {0: 0.8, 2: 0.9}, {1})


@pytest.mark.parametrize(
    ("metric", "a_leads", "a", "b"),
    [
        ("test_accuracy", True, [0.6, 0.7, 0.0], [0.8, 1.0, 0.9]),
        ("test_accuracy", False, [0.6, 0.7, 1.0], [0.8, 0.0, 0.9]),
        ("test_brier", True, [0.6, 0.7, 2.0], [0.8, 0.0, 0.9]),
        ("test_brier", False, [0.6, 0.7, 0.0], [0.8, 2.0, 0.9]),
    ],
)
def test_the_leaders_diverged_runs_end_at_their_worst_and_the_others_at_their_best(
    metric: str, a_leads: bool, a: list[float], b: list[float]
) -> None:
    samples = side_by_side(A, B)
    assert (samples.paired, samples.seeds_a) == (True, (0,))
    filled = against(samples, Metric.named(metric), Evidence(*samples.values, True), a_leads)
    assert filled is not None
    assert (filled.a.tolist(), filled.b.tolist()) == (a, b)


def test_the_bounds_are_those_of_the_means_over_all_runs() -> None:
    found = bounds(side_by_side(A, B), Metric.named("test_accuracy"))
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(1.3 / 3 - 2.7 / 3), pytest.approx(2.3 / 3 - 1.7 / 3))


def test_without_a_diverged_run_nothing_is_filled_in() -> None:
    samples = side_by_side(arm("a", {0: 0.6, 1: 0.7}, set()), arm("b", {0: 0.8, 1: 0.9}, set()))
    evidence = Evidence(*samples.values, True)
    assert against(samples, Metric.named("test_accuracy"), evidence, True) is evidence
    assert bounds(samples, Metric.named("test_accuracy")) is None


def test_a_metric_without_a_worst_value_cannot_be_filled_in() -> None:
    samples = side_by_side(A, B)
    metric = Metric.named("test_nll")
    assert against(samples, metric, Evidence(*samples.values, True), True) is None
    assert bounds(samples, metric) is None


def test_scores_of_items_are_filled_in_like_values() -> None:
    samples = side_by_side(A, B)
    # Without stored scores every run is filled; what is looked at is with what.
    evidence = Evidence(*samples.values, True, (np.ones((1, 4)), np.ones((1, 4))))
    filled = against(samples, Metric.named("test_accuracy"), evidence, a_leads=True)
    assert filled is not None
    assert filled.scores is not None
    assert (filled.scores[0].max(), filled.scores[1].min(), filled.scores[0].shape) == (0, 1, (3, 4))
