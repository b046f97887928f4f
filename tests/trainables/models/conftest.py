"""Models, built and drawn."""

from collections.abc import Callable

import pytest
import torch

from trainables.data.vocabulary import Vocabulary
from trainables.models import Classifier, ModelSettings
from trainables.models.initialisation import initialise
from trainables.randomness import Streams


@pytest.fixture(scope="session")
def build(whole_vocabulary: Vocabulary) -> Callable[..., Classifier]:
    """A model as a cell starts with it: made without numbers, then drawn from the seed's streams."""

    def build(
        settings: ModelSettings, seed: int = 0, num_outputs: int = 2, vocabulary: Vocabulary = whole_vocabulary
    ) -> Classifier:
        with torch.device("meta"):
            model = settings.build(len(vocabulary), 16, num_outputs)
        model = model.to_empty(device="cpu")
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.fill_(torch.nan)  # what `initialise` forgets, shows
        initialise(model, vocabulary, Streams(seed))
        return model

    return build
