"""Metrics by hand, and against scikit-learn and scipy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax
from scipy.stats import mannwhitneyu
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, log_loss

from trainables.evaluation import expected_calibration_error, scores


def example(num_classes: int, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Classes of unlike sizes: the last is twice as frequent as any other."""
    generator = np.random.default_rng(num_classes)
    labels_N = np.minimum(np.arange(n) % (num_classes + 1), num_classes - 1)
    logits_NC = generator.normal(size=(n, num_classes)) + np.eye(num_classes)[labels_N]
    return log_softmax(logits_NC, axis=1), labels_N


def test_three_predictions_by_hand() -> None:
    # Right at 0.8, right at 0.6, wrong at 0.9.
    probabilities = np.array([[0.2, 0.8], [0.6, 0.4], [0.1, 0.9]])
    found = scores(np.log(probabilities), np.array([1, 0, 0]))
    nll = -(math.log(0.8) + math.log(0.6) + math.log(0.1)) / 3
    assert found == pytest.approx(
        {
            "accuracy": 2 / 3,
            "nll": nll,
            "nll_bits": nll / math.log(2),
            "macro_f1": 2 / 3,  # each class: precision and recall are 1 and 1/2
            "auroc": 1 / 2,  # of two pairs (0.8 over 0.4, 0.8 over 0.9) one is in order
            "brier": (2 * 0.2**2 + 2 * 0.4**2 + 2 * 0.9**2) / 3,
            "ece": (0.2 + 0.4 + 0.9) / 3,  # each in a bin of its own
        }
    )


@pytest.mark.parametrize("num_classes", [2, 4])
def test_metrics_agree_with_scikit_learn(num_classes: int) -> None:
    log_probabilities_NC, labels_N = example(num_classes)
    probabilities_NC, predicted_N = np.exp(log_probabilities_NC), log_probabilities_NC.argmax(1)
    found = scores(log_probabilities_NC, labels_N)
    assert found["accuracy"] == pytest.approx(accuracy_score(labels_N, predicted_N))
    assert found["nll"] == pytest.approx(log_loss(labels_N, probabilities_NC))
    assert found["macro_f1"] == pytest.approx(f1_score(labels_N, predicted_N, average="macro"))


def test_brier_for_two_classes_is_twice_scikit_learns_which_counts_one_class() -> None:
    log_probabilities_NC, labels_N = example(2)
    of_one_class = brier_score_loss(labels_N, np.exp(log_probabilities_NC[:, 1]))
    assert scores(log_probabilities_NC, labels_N)["brier"] == pytest.approx(2 * of_one_class)


@pytest.mark.parametrize("num_classes", [2, 4])
def test_brier_is_the_squared_error_summed_over_classes(num_classes: int) -> None:
    log_probabilities_NC, labels_N = example(num_classes)
    by_hand = [
        sum((p - (c == label)) ** 2 for c, p in enumerate(np.exp(row)))
        for row, label in zip(log_probabilities_NC, labels_N, strict=True)
    ]
    assert scores(log_probabilities_NC, labels_N)["brier"] == pytest.approx(np.mean(by_hand))


def test_auroc_is_the_share_of_pairs_in_order() -> None:
    log_probabilities_NC, labels_N = example(2)
    positive, negative = (log_probabilities_NC[labels_N == c, 1] for c in (1, 0))
    pairs = mannwhitneyu(positive, negative).statistic / (len(positive) * len(negative))
    assert scores(log_probabilities_NC, labels_N)["auroc"] == pytest.approx(pairs)


def test_auroc_for_many_classes_is_the_mean_over_pairs_of_classes() -> None:
    log_probabilities_NC, labels_N = example(3)
    probabilities_NC = np.exp(log_probabilities_NC)

    def ordered(one: int, other: int) -> float:
        of_one, of_other = (probabilities_NC[labels_N == c, one] for c in (one, other))
        return float(mannwhitneyu(of_one, of_other).statistic / (len(of_one) * len(of_other)))

    by_hand = np.mean([ordered(i, j) for i in range(3) for j in range(3) if i != j])
    assert scores(log_probabilities_NC, labels_N)["auroc"] == pytest.approx(by_hand)


def test_auroc_tells_apart_what_rounds_to_a_probability_of_one() -> None:
    logits_N = np.array([50.0, 60.0, 70.0, 80.0])
    log_probabilities_NC = -np.logaddexp(0, np.stack([logits_N, -logits_N], axis=1))
    assert scores(log_probabilities_NC, np.array([0, 0, 1, 1]))["auroc"] == 1


def test_calibration_error_by_hand() -> None:
    # 15 bins of 1/15. 0.90 and 0.92 share (13/15, 14/15]: one right of two. 0.55 is alone, and right.
    error = expected_calibration_error(np.array([0.90, 0.92, 0.55]), np.array([True, False, True]))
    assert error == pytest.approx((abs(1 - 1.82) + abs(1 - 0.55)) / 3)


def test_a_bin_includes_its_upper_edge() -> None:
    # With two bins 0.5 belongs to (0, 0.5], with 0.4: their gaps, −0.5 and +0.6, offset each other.
    confidences, correct = np.array([0.5, 0.4]), np.array([False, True])
    assert expected_calibration_error(confidences, correct, bins=2) == pytest.approx(0.05)


@pytest.mark.parametrize(("correct", "error"), [(True, 0.0), (False, 1.0)])
def test_certainty_is_perfectly_calibrated_if_right_and_worst_if_wrong(correct: bool, error: float) -> None:
    assert expected_calibration_error(np.ones(5), np.full(5, correct)) == error


@given(items=st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30), bins=st.integers(1, 20))
def test_calibration_error_lies_between_its_bounds(items: list[tuple[float, bool]], bins: int) -> None:
    confidences, correct = (np.array(column) for column in zip(*items, strict=True))
    error = expected_calibration_error(confidences, correct, bins)
    # At least the gap of the overall means, at most the mean gap of single items.
    assert error >= abs(confidences.mean() - correct.mean()) - 1e-12
    assert error <= np.abs(confidences - correct).mean() + 1e-12


@pytest.mark.parametrize("num_classes", [2, 4])
def test_the_order_of_the_items_never_matters(num_classes: int) -> None:
    log_probabilities_NC, labels_N = example(num_classes)
    order = np.random.default_rng(0).permutation(len(labels_N))
    assert scores(log_probabilities_NC[order], labels_N[order]) == pytest.approx(
        scores(log_probabilities_NC, labels_N), rel=1e-12
    )


def test_a_class_that_is_never_predicted_counts_as_zero_in_macro_f1() -> None:
    log_probabilities_NC = np.log(np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.8, 0.1, 0.1]]))
    # Class 0: precision 1/2, recall 1; class 1: both 1; class 2: none.
    assert scores(log_probabilities_NC, np.array([0, 1, 2]))["macro_f1"] == pytest.approx((2 / 3 + 1 + 0) / 3)
