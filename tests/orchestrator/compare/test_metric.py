"""Numbers as they are said."""

import math

import pytest

from orchestrator.compare import Metric
from orchestrator.compare.metric import percent

ACCURACY, NLL = Metric.named("test_accuracy"), Metric.named("test_nll")


@pytest.mark.parametrize(
    ("metric", "value", "said", "difference"),
    [
        (ACCURACY, 0.8612, "86.12", "+86.12"),
        (ACCURACY, -0.0026, "-0.26", "-0.26"),
        (ACCURACY, 0.0001, "0.01", "+0.01"),
        (ACCURACY, 0.00004, "0.0040", "+0.0040"),
        (ACCURACY, -0.0000999, "-0.0100", "-0.0100"),
        (ACCURACY, 2.37e-9, "2.4e-07", "+2.4e-07"),
        (ACCURACY, -0.0, "0.00", "0.00"),
        (ACCURACY, -1e-16, "0.00", "0.00"),
        (NLL, 0.3254, "0.3254", "+0.3254"),
        (NLL, -0.00123, "-0.0012", "-0.0012"),
        (NLL, 0.00031, "0.00031", "+0.00031"),
        (NLL, -0.0000267, "-0.000027", "-0.000027"),
        (NLL, 1e-17, "0.0000", "0.0000"),
        (NLL, -1e-17, "0.0000", "0.0000"),
    ],
)
def test_points_have_two_decimals_what_is_smaller_two_digits_and_nothing_has_no_sign(
    metric: Metric, value: float, said: str, difference: str
) -> None:
    assert (metric.said(value), metric.said_difference(value)) == (said, difference)


def test_a_bound_that_excludes_nothing_is_said_as_infinite() -> None:
    for metric in (ACCURACY, NLL):
        said = [metric.said(-math.inf), metric.said(math.inf), metric.said_difference(math.inf)]
        assert said == ["-∞", "∞", "+∞"]


def test_no_share_of_items_that_is_not_0_reads_as_0() -> None:
    assert [percent(share) for share in (0.0223, 1 / 225_000, 0.0)] == ["2.23%", "0.00044%", "0.00%"]
