"""What goes wrong by a user's hand, said so that the user can mend it.

Every error that a user may meet is a `UserError`: the command line prints its text, without a traceback, and
leaves with exit code 2. Anything else that escapes is a defect of ours and keeps its traceback.
"""

import math


class UserError(Exception):
    """Something that the user can mend. The text says what, where, the value, and the remedy."""


class SettingsError(UserError):
    """A setting is unknown, of the wrong type, or out of its range."""


class DataError(UserError):
    """The data cannot be read, or are not what the settings say they are."""


class VocabularyError(UserError):
    """An encoding is unknown, or its vocabulary cannot be had."""


class MachineError(UserError):
    """The machine or the cluster lacks what the sweep asks for."""


class DivergedError(Exception):
    """The loss or its gradient became non-finite: an outcome of the cell, counted and never tried again.

    Carries `epoch` (from 1), `step` (from 0), `learning_rate` and `gradient_norm` of the step at fault, and `loss`,
    the sum over its batch. Where the last step of an epoch broke the weights, `loss` is NaN and the norm the
    epoch's mean.
    """

    def __init__(self, *, epoch: int, step: int, loss: float, learning_rate: float, gradient_norm: float):
        self.epoch, self.step, self.loss = epoch, step, loss
        self.learning_rate, self.gradient_norm = learning_rate, gradient_norm
        what = "gradient became non-finite" if math.isfinite(loss) else f"loss became {loss}"
        super().__init__(
            f"the {what} in epoch {epoch}, step {step} "
            f"(learning rate {learning_rate:.3g}, gradient norm {gradient_norm:.3g}); "
            "a lower training.learning_rate or training.clip_norm: 1 usually mends this"
        )
