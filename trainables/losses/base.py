"""What a loss is: settings, the head that it needs, its value for each item, and how its logits are read.

Shapes: N items, C classes, K outputs of the head. Natural logarithm throughout.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator
from torch import Tensor

from trainables.errors import SettingsError
from trainables.losses.head import NEUTRAL, HeadSettings, Rows
from trainables.settings import AddedLater, Settings

Smoothing = Annotated[float, Field(ge=0, lt=1), AddedLater(neutral=0.0)]
Weight = Annotated[float, Field(gt=0)]


class Loss(Settings, ABC):
    """A training objective. Each loss adds `name: Literal["<name>"]`, the key of its union.

    Its docstring has its formula as an indented block, and the paragraphs `Output layer: …` and `Reference: …`;
    `seedwise losses` shows them.
    """

    head: Annotated[HeadSettings, AddedLater(neutral=NEUTRAL)] = HeadSettings()
    """How the head starts and learns, apart from the trunk."""

    @property
    def own_rows(self) -> Rows:
        """How the head for two classes is drawn where nothing else is asked for."""
        return "one_row" if self.num_outputs(2) == 1 else "two_rows"

    @model_validator(mode="after")
    def _start_is_said_in_one_way(self) -> Self:
        if self.head.init == self.own_rows:
            raise ValueError(
                f"head.init is {self.head.init}, which is how this head for two classes is drawn anyway; leave it "
                "out, or write own"
            )
        return self

    def check_classes(self, class_names: Sequence[str]) -> None:
        """Raises SettingsError where a setting does not fit data of these classes."""
        if self.head.init != "own" and len(class_names) != 2:
            raise SettingsError(
                f"loss.head.init is {self.head.init}, which has a meaning for two classes only, and the data have "
                f"{_counted(class_names)}; leave it out, or write own"
            )

    @abstractmethod
    def num_outputs(self, num_classes: int) -> int:
        """K, the outputs that the head must have for C classes."""

    @abstractmethod
    def per_item(self, logits_NK: Tensor, labels_N: Tensor) -> Tensor:
        """The loss of each item in nats, shape (N,). Training minimises its mean.

        `labels_N` are classes, int64 in [0, C). Finite with finite gradients for logits of ±1e4.
        """

    @abstractmethod
    def log_probabilities(self, logits_NK: Tensor) -> Tensor:
        """The logarithm of each class's probability, shape (N, C); each row's exponentials sum to 1."""


def check_count(setting: str, weights: Sequence[float], wanted: int, each: str, class_names: Sequence[str]) -> None:
    """Raises SettingsError unless there are as many weights as wanted: one for `each`."""
    if len(weights) != wanted:
        raise SettingsError(
            f"loss.{setting} has {len(weights)} number{'s' * (len(weights) != 1)}, and the data have "
            f"{_counted(class_names)}; give {wanted}, {each}"
        )


def _counted(class_names: Sequence[str]) -> str:
    return f"{len(class_names)} classes ({', '.join(class_names)})"
