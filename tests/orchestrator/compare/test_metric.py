"""Numbers as they are said."""

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


def test_what_has_no_bound_is_said_to_have_none() -> None:
    assert [metric.said_difference(float("-inf")) for metric in (ACCURACY, NLL)] == ["-inf", "-inf"]
