"""Everything that can change what a cell computes, in one frozen tree.

What a cell runs on (threads, device, versions) is not here: it is the cell's environment, stored with its result.
"""

from pydantic import Field

from trainables.data.sources import AnySource
from trainables.data.splits import SplitSettings
from trainables.data.tokens import TokenSettings
from trainables.losses import AnyLoss
from trainables.models import AnyModel, TransformerEncoder
from trainables.settings import Settings
from trainables.training import TrainingSettings

RECIPE = 1
"""Version of what the settings mean. Raised when the same settings would train to other numbers, which a test
notices by a recorded trace of losses, for the settings that the trace uses. It is part of every cell's key."""


class CellConfig(Settings):
    """The settings of one cell."""

    data: AnySource
    split: SplitSettings = SplitSettings()
    tokens: TokenSettings = TokenSettings()
    model: AnyModel = TransformerEncoder()
    loss: AnyLoss
    training: TrainingSettings = TrainingSettings()
    seed: int = Field(ge=0)
    """The replicate number."""
