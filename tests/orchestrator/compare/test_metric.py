"""Numbers as they are said."""

import math

import pytest

from orchestrator.compare import Metric

ACCURACY, NLL = Metric.named("test_accuracy"), Metric.named("test_nll")


@pytest.mark.parametrize(
    ("metric", "value", "said", "difference"),
    [
        (ACCURACY, 0.8612, "86.12", "+86.12"),
        (ACCURACY, -0.0026, "-0.26", "-0.26"),
        (ACCURACY, 0.00004, "0.00", "0.00"),
        (ACCURACY, -0.00004, "0.00", "0.00"),
        (ACCURACY, -0.0, "0.00", "0.00"),
        (NLL, 0.3254, "0.3254", "+0.3254"),
        (NLL, -0.00123, "-0.0012", "-0.0012"),
        (NLL, 0.00031, "0.00031", "+0.00031"),
        (NLL, -0.0000267, "-0.000027", "-0.000027"),
        (NLL, 1e-17, "0.0000", "0.0000"),
        (NLL, -1e-17, "0.0000", "0.0000"),
    ],
)
def test_points_have_two_decimals_small_numbers_two_digits_and_nothing_has_no_sign(
    metric: Metric, value: float, said: str, difference: str
) -> None:
    assert (metric.said(value), metric.said_difference(value)) == (said, difference)


def test_a_bound_that_excludes_nothing_is_said_as_infinite() -> None:
    for metric in (ACCURACY, NLL):
        said = [metric.said(-math.inf), metric.said(math.inf), metric.said_difference(math.inf)]
        assert said == ["-∞", "∞", "+∞"]


@pytest.mark.parametrize(
    ("value", "said"), [(0.01, "1.00"), (4e-5, "under 0.01"), (6e-5, "0.01"), (0.0, "under 0.01")]
)
def test_what_is_more_than_nothing_is_not_said_to_be_nothing(value: float, said: str) -> None:
    assert ACCURACY.said_above_0(value) == said
