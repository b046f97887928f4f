"""The cheap baseline: the mean of a text's token vectors, and a linear head."""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from trainables.data.batches import PackedBatch
from trainables.models.base import Classifier, ModelSettings, Noise, TokenTable


class BagOfEmbeddings(ModelSettings):
    """Mean of token embeddings (Joulin et al., *Bag of Tricks for Efficient Text Classification*, EACL 2017)."""

    name: Literal["bag_of_embeddings"] = "bag_of_embeddings"
    width: int = Field(default=32, ge=1)
    dropout: float = Field(default=0.2, ge=0, lt=1)
    """On the pooled features."""

    def build(self, num_tokens: int, max_length: int, num_outputs: int) -> "BagClassifier":
        return BagClassifier(self, num_tokens, num_outputs)


class BagClassifier(Classifier):
    """Token table → mean → head."""

    def __init__(self, settings: BagOfEmbeddings, num_tokens: int, num_outputs: int):
        super().__init__()
        self.settings = settings
        self.tokens = TokenTable(num_tokens, settings.width, settings.embedding_std)
        self.head = nn.Linear(settings.width, num_outputs)

    def features(self, batch: PackedBatch, noise: Noise | None) -> Tensor:
        # One fused pass over ids: the (T, D) tensor of embedded tokens is never made.
        pooled_ND = F.embedding_bag(batch.ids_T, self.tokens.weight, batch.starts_N.to(torch.int32), mode="mean")
        return noise.dropout(pooled_ND, self.settings.dropout) if noise else pooled_ND
