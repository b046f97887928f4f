"""The bag by hand."""

from collections.abc import Callable

import torch

from trainables.data.batches import PackedBatch
from trainables.models import BagOfEmbeddings, Classifier


def test_its_features_are_the_mean_of_the_token_vectors(
    build: Callable[..., Classifier], pack: Callable[..., PackedBatch]
) -> None:
    texts = [[4, 4, 9], [7], [1, 2, 3, 4]]
    model, batch = build(BagOfEmbeddings(width=3)), pack(texts)
    table = model.tokens.weight
    expected = {0: (2 * table[4] + table[9]) / 3, 1: table[7], 2: (table[1] + table[2] + table[3] + table[4]) / 4}
    for pooled_D, row in zip(model.features(batch, None), batch.rows_N, strict=True):
        torch.testing.assert_close(pooled_D, expected[int(row)])


def test_its_logits_are_an_affine_map_of_that_mean(
    build: Callable[..., Classifier], pack: Callable[..., PackedBatch]
) -> None:
    model = build(BagOfEmbeddings(width=3))
    expected = model.tokens.weight[[7, 8]].mean(0) @ model.head.weight.T + model.head.bias
    torch.testing.assert_close(model(pack([[7, 8]]))[0], expected)


def test_the_order_of_the_tokens_never_matters(
    build: Callable[..., Classifier], pack: Callable[..., PackedBatch]
) -> None:
    model = build(BagOfEmbeddings())
    torch.testing.assert_close(model(pack([[1, 2, 3]])), model(pack([[3, 1, 2]])))
