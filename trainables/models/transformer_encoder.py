"""The encoder half of a transformer, a pooling, and a linear head.

Everything but attention works on the batch's flat tokens (T, D), without padding; attention works on rectangles
of items of like length, in which padded places are masked as keys and dropped as queries.
"""

import math
from typing import Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from trainables.data.batches import PackedBatch
from trainables.models.base import Classifier, ModelSettings, Noise, TokenTable


class TransformerEncoder(ModelSettings):
    """The encoder of Vaswani et al., *Attention Is All You Need*, NeurIPS 2017; by default without positions.

    Dropout acts on the embedded tokens, on each sub-layer's output, and on the pooled features; not on
    attention weights, which keeps attention in its fused form.
    """

    name: Literal["transformer_encoder"] = "transformer_encoder"
    width: int = Field(default=32, ge=1)
    heads: int = Field(default=2, ge=1)
    """Attention heads; they divide the width. On CPUs few wide heads are much faster than many narrow ones."""
    layers: int = Field(default=1, ge=1)
    feed_forward: int = Field(default=128, ge=1)
    """Width of the hidden layer between each block's two linear maps (ReLU)."""
    norm: Literal["pre", "post"] = "pre"
    """Layer norm before each sub-layer (and once at the end), or after each sum, as in the paper of 2017."""
    positions: Literal["none", "sinusoidal", "learned"] = "none"
    pooling: Literal["mean", "first"] = "mean"
    """What represents a text: the mean of its tokens, or its first token."""
    dropout: float = Field(default=0.4, ge=0, lt=1)
    token_dropout: float = Field(default=0.6, ge=0, lt=1)
    """Share of each training text's tokens that is left out of a step. This and dropout were chosen on IMDB reviews
    held out of the training half (docs/results/imdb_tuning.csv)."""

    @model_validator(mode="after")
    def _heads_divide_width(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is not a multiple of heads {self.heads}")
        if self.positions == "sinusoidal" and self.width % 2:
            raise ValueError(f"positions: sinusoidal needs an even width, not {self.width}")
        return self

    def build(self, num_tokens: int, max_length: int, num_outputs: int) -> "EncoderClassifier":
        return EncoderClassifier(self, num_tokens, max_length, num_outputs)


class EncoderClassifier(Classifier):
    """Token table → blocks → pooling → head."""

    def __init__(self, settings: TransformerEncoder, num_tokens: int, max_length: int, num_outputs: int):
        super().__init__()
        self.settings = settings
        self.tokens = TokenTable(num_tokens, settings.width, settings.embedding_std)
        self.positions = nn.Embedding(max_length, settings.width) if settings.positions == "learned" else None
        self.blocks = nn.ModuleList(EncoderBlock(settings) for _ in range(settings.layers))
        self.final_norm = nn.LayerNorm(settings.width) if settings.norm == "pre" else nn.Identity()
        self.head = nn.Linear(settings.width, num_outputs)

    def features(self, batch: PackedBatch, noise: Noise | None) -> Tensor:
        x_TD = self.tokens(batch.ids_T)
        if self.positions is not None:
            x_TD = x_TD + self.positions(batch.positions_T)
        elif self.settings.positions == "sinusoidal":
            x_TD = x_TD + sinusoids(batch.positions_T, self.settings.width)
        x_TD = noise.dropout(x_TD, self.settings.dropout) if noise else x_TD
        for block in self.blocks:
            x_TD = block(x_TD, batch, noise)
        x_TD = self.final_norm(x_TD)
        if self.settings.pooling == "first":
            pooled_ND = x_TD[batch.starts_N]
        else:
            # In float32 also under bfloat16, where the residual sum stays in it: bfloat16 adds up no long text.
            pooled_ND = torch.segment_reduce(x_TD, "mean", lengths=batch.lengths_N)
        return noise.dropout(pooled_ND, self.settings.dropout) if noise else pooled_ND


class EncoderBlock(nn.Module):
    """Self-attention, then a feed-forward map, each with its residual sum and its norm."""

    def __init__(self, settings: TransformerEncoder):
        super().__init__()
        self.settings = settings
        self.attention_norm = nn.LayerNorm(settings.width)
        self.query_key_value = nn.Linear(settings.width, 3 * settings.width)
        self.attention_out = nn.Linear(settings.width, settings.width)
        self.feed_forward_norm = nn.LayerNorm(settings.width)
        self.feed_forward_in = nn.Linear(settings.width, settings.feed_forward)
        self.feed_forward_out = nn.Linear(settings.feed_forward, settings.width)

    def forward(self, x_TD: Tensor, batch: PackedBatch, noise: Noise | None) -> Tensor:
        def drop(y_TD: Tensor) -> Tensor:
            return noise.dropout(y_TD, self.settings.dropout) if noise else y_TD

        if self.settings.norm == "pre":
            x_TD = x_TD + drop(self.attend(self.attention_norm(x_TD), batch))
            return x_TD + drop(self.transform(self.feed_forward_norm(x_TD)))
        x_TD = self.attention_norm(x_TD + drop(self.attend(x_TD, batch)))
        normed_TD: Tensor = self.feed_forward_norm(x_TD + drop(self.transform(x_TD)))
        return normed_TD

    def attend(self, x_TD: Tensor, batch: PackedBatch) -> Tensor:
        """Scaled dot-product attention of each item's tokens among themselves, (T, D) to (T, D)."""
        qkv_T3D = self.query_key_value(x_TD)
        mixed_tD = []
        for group in batch.groups:
            qkv_nL3D = group.pad(qkv_T3D)
            n, L, _ = qkv_nL3D.shape
            q, k, v = qkv_nL3D.view(n, L, 3, self.settings.heads, -1).permute(2, 0, 3, 1, 4)
            mask = None if group.real_nL is None else group.real_nL[:, None, None, :]
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            mixed_tD.append(group.unpad(mixed.transpose(1, 2).reshape(n, L, -1)))
        out_TD: Tensor = self.attention_out(torch.cat(mixed_tD))
        return out_TD

    def transform(self, x_TD: Tensor) -> Tensor:
        out_TD: Tensor = self.feed_forward_out(F.relu(self.feed_forward_in(x_TD)))
        return out_TD


def sinusoids(positions_T: Tensor, width: int) -> Tensor:
    """The sine and cosine waves of Vaswani et al. (2017), section 3.5: (T,) to (T, D)."""
    exponents = torch.arange(0, width, 2, device=positions_T.device) * (-math.log(10_000.0) / width)
    angles = positions_T[:, None] * exponents.exp()
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)
