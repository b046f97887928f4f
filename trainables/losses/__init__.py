"""The losses. To add one: write its file, and add its class to `AnyLoss`; the loss contract picks it up."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from trainables.losses.base import Loss
from trainables.losses.binary_cross_entropy import BinaryCrossEntropy
from trainables.losses.cross_entropy import CrossEntropy
from trainables.losses.head import HeadSettings
from trainables.settings import named

AnyLoss = Annotated[
    CrossEntropy | BinaryCrossEntropy,
    Field(discriminator="name"),
    BeforeValidator(named),
]

__all__ = ["AnyLoss", "BinaryCrossEntropy", "CrossEntropy", "HeadSettings", "Loss"]
