"""Each loss at its defaults, and with each of its settings at work."""

from collections.abc import Callable, Mapping
from typing import get_args

import pytest

from trainables.losses import AnyLoss, BinaryCrossEntropy, CrossEntropy, Loss

PLAIN: Mapping[str, Callable[[int], Loss]] = {
    member.model_fields["name"].default: lambda num_classes, member=member: member()
    for member in get_args(get_args(AnyLoss)[0])
}


def weights(number: int) -> tuple[float, ...]:
    return tuple(0.5 + 0.75 * place for place in range(number))


UNSMOOTHED: Mapping[str, Callable[[int], Loss]] = {
    **PLAIN,
    "cross_entropy, pinned": lambda num_classes: CrossEntropy(pinned=True),
    "cross_entropy, weights": lambda num_classes: CrossEntropy(class_weights=weights(num_classes)),
    "binary_cross_entropy, weights": lambda num_classes: BinaryCrossEntropy(
        pos_weight=(2.5,) if num_classes == 2 else weights(num_classes)
    ),
}
ALL: Mapping[str, Callable[[int], Loss]] = {
    **UNSMOOTHED,
    "cross_entropy, smoothed": lambda num_classes: CrossEntropy(label_smoothing=0.2),
    "cross_entropy, all of it": lambda num_classes: CrossEntropy(
        label_smoothing=0.1, class_weights=weights(num_classes), pinned=True
    ),
    "binary_cross_entropy, smoothed": lambda num_classes: BinaryCrossEntropy(label_smoothing=0.2),
    "binary_cross_entropy, all of it": lambda num_classes: BinaryCrossEntropy(
        label_smoothing=0.1, pos_weight=(2.5,) if num_classes == 2 else weights(num_classes)
    ),
}
"""A new loss is among them by its defaults; its settings are to be added here."""


@pytest.fixture(scope="session", params=[2, 3, 5])
def num_classes(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="session", params=ALL)
def loss(request: pytest.FixtureRequest, num_classes: int) -> Loss:
    """Each loss in turn, at its defaults and otherwise."""
    return ALL[request.param](num_classes)


@pytest.fixture(scope="session", params=UNSMOOTHED)
def unsmoothed(request: pytest.FixtureRequest, num_classes: int) -> Loss:
    """Those that want nothing but the true class: a smoothed one punishes certainty."""
    return UNSMOOTHED[request.param](num_classes)
