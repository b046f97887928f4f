"""The encoder against torch's own layers, and its variants by hand."""

import math
from collections.abc import Callable, Sequence

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn
from torch.nn import functional as F

from trainables.data.batches import PackedBatch
from trainables.models import Classifier, TransformerEncoder
from trainables.models.transformer_encoder import EncoderBlock, EncoderClassifier, sinusoids

Build = Callable[..., Classifier]
Pack = Callable[..., PackedBatch]
TEXTS = [[5, 9, 2], [1, 2, 3, 4, 5, 6, 7], [8] * 4, [11, 3]]
NORMS = pytest.mark.parametrize("norm", ["pre", "post"])
# Float32 sums in another order differ by some 1e-7 of numbers of size 1.
CLOSE = {"rtol": 1e-5, "atol": 2e-6}


def padded(flat_TD: Tensor, batch: PackedBatch) -> tuple[Tensor, Tensor]:
    """(N, L, D), and True where a place is padding: made the plain way, item by item."""
    items = flat_TD.split(batch.lengths_N.tolist())
    rectangle_NLD = nn.utils.rnn.pad_sequence(items, batch_first=True, padding_value=1e3)
    return rectangle_NLD, torch.arange(rectangle_NLD.shape[1]) >= batch.lengths_N[:, None]


def encoder_and_tokens(
    build: Build, batch: PackedBatch, settings: TransformerEncoder
) -> tuple[EncoderClassifier, EncoderBlock, Tensor]:
    model = build(settings)
    assert isinstance(model, EncoderClassifier)
    block = model.blocks[0]
    assert isinstance(block, EncoderBlock)
    return model, block, 10 * model.tokens(batch.ids_T).detach()


def test_attention_agrees_with_torchs_multi_head_attention(build: Build, pack: Pack) -> None:
    batch = pack(TEXTS)
    _, block, x_TD = encoder_and_tokens(build, batch, TransformerEncoder(width=16, heads=4))
    oracle = nn.MultiheadAttention(16, 4, batch_first=True)
    oracle.in_proj_weight.data, oracle.in_proj_bias.data = (p.data for p in block.query_key_value.parameters())
    oracle.out_proj.load_state_dict(block.attention_out.state_dict())
    x_NLD, is_padding_NL = padded(x_TD, batch)
    expected_NLD, _ = oracle(x_NLD, x_NLD, x_NLD, key_padding_mask=is_padding_NL, need_weights=False)
    torch.testing.assert_close(block.attend(x_TD, batch), expected_NLD[~is_padding_NL], **CLOSE)


@NORMS
def test_a_block_agrees_with_torchs_encoder_layer(norm: str, build: Build, pack: Pack) -> None:
    batch = pack(TEXTS)
    settings = TransformerEncoder(width=16, heads=2, feed_forward=24, norm=norm)
    _, block, x_TD = encoder_and_tokens(build, batch, settings)
    oracle = nn.TransformerEncoderLayer(16, 2, 24, dropout=0.0, batch_first=True, norm_first=norm == "pre")
    oracle.self_attn.in_proj_weight.data, oracle.self_attn.in_proj_bias.data = (
        p.data for p in block.query_key_value.parameters()
    )
    for theirs, ours in [
        (oracle.self_attn.out_proj, block.attention_out),
        (oracle.norm1, block.attention_norm),
        (oracle.norm2, block.feed_forward_norm),
        (oracle.linear1, block.feed_forward_in),
        (oracle.linear2, block.feed_forward_out),
    ]:
        theirs.load_state_dict(ours.state_dict())
    x_NLD, is_padding_NL = padded(x_TD, batch)
    expected_NLD = oracle(x_NLD, src_key_padding_mask=is_padding_NL)
    torch.testing.assert_close(block(x_TD, batch, None), expected_NLD[~is_padding_NL], **CLOSE)


def test_pre_norm_ends_with_a_norm_and_post_norm_does_not() -> None:
    assert isinstance(TransformerEncoder(norm="pre").build(9, 4, 2).final_norm, nn.LayerNorm)
    assert isinstance(TransformerEncoder(norm="post").build(9, 4, 2).final_norm, nn.Identity)


@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_pooling_takes_the_mean_of_the_tokens_or_the_first(pooling: str, build: Build, pack: Pack) -> None:
    batch = pack(TEXTS)
    settings = TransformerEncoder(width=8, pooling=pooling)
    model, block, _ = encoder_and_tokens(build, batch, settings)
    for layer in (block.attention_out, block.feed_forward_out):  # a block that adds nothing
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    for pooled_D, row in zip(model.features(batch, None), batch.rows_N, strict=True):
        normed_LD = F.layer_norm(model.tokens.weight[TEXTS[row]], (8,))
        torch.testing.assert_close(pooled_D, normed_LD[0] if pooling == "first" else normed_LD.mean(0), **CLOSE)


def logits_of(build: Build, pack: Pack, text: Sequence[int], settings: TransformerEncoder) -> Tensor:
    with torch.no_grad():
        return build(settings)(pack([text]))


@NORMS
def test_without_positions_a_text_is_a_set_of_tokens(norm: str, build: Build, pack: Pack) -> None:
    settings = TransformerEncoder(norm=norm)
    torch.testing.assert_close(
        logits_of(build, pack, [1, 2, 3, 4, 5], settings),
        logits_of(build, pack, [4, 2, 5, 1, 3], settings),
        **CLOSE,
    )


@NORMS
@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_with_positions_the_order_of_the_tokens_matters(
    norm: str, positions: str, build: Build, pack: Pack
) -> None:
    settings = TransformerEncoder(norm=norm, positions=positions)
    first, second = (logits_of(build, pack, text, settings) for text in ([1, 2, 3, 4, 5], [4, 2, 5, 1, 3]))
    assert (first - second).abs().max() > 1e-4


def test_the_first_waves_by_hand() -> None:
    expected = [
        [0.0, 1.0, 0.0, 1.0],
        [math.sin(1), math.cos(1), math.sin(0.01), math.cos(0.01)],
        [math.sin(2), math.cos(2), math.sin(0.02), math.cos(0.02)],
    ]
    torch.testing.assert_close(sinusoids(torch.arange(3), width=4), torch.tensor(expected), rtol=0, atol=1e-6)


def test_heads_that_do_not_divide_the_width_are_refused() -> None:
    with pytest.raises(ValidationError, match="width 32 is not a multiple of heads 3"):
        TransformerEncoder(width=32, heads=3)


def test_waves_over_an_odd_width_are_refused() -> None:
    with pytest.raises(ValidationError, match="positions: sinusoidal needs an even width, not 9"):
        TransformerEncoder(width=9, heads=3, positions="sinusoidal")
