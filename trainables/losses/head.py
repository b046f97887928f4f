"""How the head that a loss needs starts and learns, apart from the trunk."""

from typing import Literal

from pydantic import Field

from trainables.settings import Settings

Rows = Literal["one_row", "two_rows"]
"""What the log odds of two classes are computed by: a head of one output, or the difference of two."""


class HeadSettings(Settings):
    """The head's own rate, decay and start: what two losses that are one function of the log odds differ in.

    Let the log odds of two classes be u·h. Binary cross-entropy's head has the one row u; cross-entropy's has two,
    with u = w₁ − w₀. The trunk receives the same gradient from both. But two rows, each moved by ∓ the gradient,
    move u twice as fast, under plain gradient descent and under AdamW alike, while decoupled decay shrinks u alike;
    and the difference of two drawn rows has √2 times the spread of one. So these are the same training:

    | cross-entropy with | is binary cross-entropy with |
    |---|---|
    | `learning_rate_scale: 0.5, weight_decay_scale: 2, init: one_row` | nothing changed |
    | nothing changed | `learning_rate_scale: 2, weight_decay_scale: 0.5, init: two_rows` |

    To the last bits of the arithmetic, that is, and without `training.clip_norm`: two rows have twice the squared
    gradient norm of one, so that where clipping is on it clips them more.
    """

    learning_rate_scale: float = Field(default=1.0, gt=0)
    """The head's learning rate as a multiple of the others'; of its weights and its biases."""
    weight_decay_scale: float = Field(default=1.0, ge=0)
    """The head's weight decay as a multiple of the others'. A step takes rate × decay, so that a decay halved where
    the rate is doubled shrinks the weights as before."""
    init: Literal["own", "one_row", "two_rows"] = "own"
    """own: as a linear layer of the loss's outputs is drawn. For two classes also as the other loss's: one_row,
    where u is drawn as the row of a head of one output, and the two rows are ∓u/2; two_rows, where u is the
    difference of two rows, drawn as those of a head of two outputs. The numbers are those that the other loss draws
    of the same seed."""


NEUTRAL = {"learning_rate_scale": 1.0, "weight_decay_scale": 1.0, "init": "own"}
"""A head like any other linear layer, as all were before these settings came."""
