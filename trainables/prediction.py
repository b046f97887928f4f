"""A trained cell as a classifier of new texts.

In: a cell's settings and weights, as they were stored. Out: each text's class probabilities. Tokens that neither
training nor evaluation showed are treated as training would have treated them: their initial row, shrunk by decay
alone, or the unknown token where the cell has one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import TypeAdapter
from torch import Tensor

from trainables.data.batches import PartBatches
from trainables.data.cell_data import EVALUATION_BATCH_SIZE
from trainables.data.tokens import TokenizedRows, TokenSettings, encode_texts
from trainables.data.vocabulary import Vocabulary
from trainables.errors import DataError
from trainables.losses import AnyLoss, Loss
from trainables.models import AnyModel, Classifier
from trainables.models.initialisation import full_token_table
from trainables.randomness import Streams
from trainables.settings import STORED
from trainables.training import TrainingSettings

TOKEN_TABLE = "tokens.weight"


@dataclass(frozen=True)
class Predictor:
    """A classifier of texts."""

    model: Classifier
    loss: Loss
    tokens: TokenSettings
    vocabulary: Vocabulary
    class_names: tuple[str, ...]
    in_bfloat16: bool = False
    """As the cell was trained and judged: in automatic mixed precision."""

    @classmethod
    def from_cell(
        cls,
        settings: Mapping[str, Any],
        weights: Mapping[str, Tensor],
        class_names: Sequence[str],
        untouched_shrinkage: float,
    ) -> "Predictor":
        """From what a finished cell leaves: declared settings, weights with `live_tokens`, and what decay alone
        leaves of a row that was never read (in the result's `model_facts`)."""
        model_settings = TypeAdapter(AnyModel).validate_python(settings["model"], context=STORED)
        loss = TypeAdapter(AnyLoss).validate_python(settings["loss"], context=STORED)
        tokens = TokenSettings.model_validate(settings["tokens"], context=STORED)
        state = dict(weights)
        live = state.pop("live_tokens").numpy()
        full_rows = encode_texts([], tokens.encoding)[2] + 1
        if tokens.min_count is None:
            dense = np.arange(full_rows, dtype=np.int32)
            table = full_token_table(
                full_rows, state[TOKEN_TABLE].shape[1], model_settings.embedding_std, Streams(settings["seed"])
            )
            table *= untouched_shrinkage
            table[torch.from_numpy(live)] = state[TOKEN_TABLE]
            state[TOKEN_TABLE] = table
            live = dense.astype(np.int64)
        else:
            dense = np.full(full_rows, len(live) - 1, np.int32)
            dense[live] = np.arange(len(live), dtype=np.int32)
        model = model_settings.build(len(live), tokens.max_length, loss.num_outputs(len(class_names)))
        model.load_state_dict(state)
        vocabulary = Vocabulary(full_rows, live, dense)
        training = TrainingSettings.model_validate(settings["training"], context=STORED)
        return cls(model.eval(), loss, tokens, vocabulary, tuple(class_names), training.precision == "bfloat16")

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Class probabilities, shape (N, C). Raises DataError for an empty text."""
        empty = [number for number, text in enumerate(texts) if not text.strip()]
        if empty:
            raise DataError(f"text number {empty[0] + 1} is empty; a text must have at least one token")
        if not texts:
            return np.zeros((0, len(self.class_names)))
        ids, offsets, _ = encode_texts(list(texts), self.tokens.encoding)
        rows = TokenizedRows(ids, offsets, labels=np.zeros(len(texts), np.int64), groups=None)
        batches = PartBatches(rows, np.arange(len(texts)), self.vocabulary, self.tokens, EVALUATION_BATCH_SIZE)
        probabilities_NC = np.empty((len(texts), len(self.class_names)))
        with torch.inference_mode():
            for batch in batches.in_order():
                with torch.autocast("cpu", torch.bfloat16, enabled=self.in_bfloat16):
                    logits_NK = self.model(batch)
                log_probabilities_NC = self.loss.log_probabilities(logits_NK.double())
                probabilities_NC[batch.rows_N] = log_probabilities_NC.exp().numpy()
        return probabilities_NC
