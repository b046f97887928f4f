"""The laws that parameters are drawn from."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from trainables.data.vocabulary import Vocabulary, cut_vocabulary
from trainables.losses import HeadSettings
from trainables.models import BagOfEmbeddings, Classifier, Noise, TransformerEncoder
from trainables.models.initialisation import initialise, token_rows
from trainables.randomness import Streams

ENCODER = TransformerEncoder(width=64, feed_forward=256, positions="learned", embedding_std=0.3)


def test_each_kind_of_parameter_follows_its_law(build: Callable[..., Classifier]) -> None:
    start = build(ENCODER).state_dict()
    # 64 × 256 draws: a standard deviation is known to 0.6 %, and the largest is near the bound.
    bound = 1 / 64**0.5
    hidden = start["blocks.0.feed_forward_in.weight"]
    assert 0.99 * bound < hidden.abs().max() <= bound
    assert hidden.std().item() == pytest.approx(bound / 3**0.5, rel=0.03)
    assert start["blocks.0.feed_forward_out.bias"].abs().max() <= 1 / 256**0.5
    assert start["tokens.weight"].std().item() == pytest.approx(0.3, rel=0.05)
    assert start["positions.weight"].std().item() == pytest.approx(0.02, rel=0.1)
    assert (start["final_norm.weight"] == 1).all()
    assert (start["final_norm.bias"] == 0).all()


def test_another_block_changes_nothing_of_the_others_start(build: Callable[..., Classifier]) -> None:
    one, two = (build(ENCODER.model_copy(update={"layers": n})).state_dict() for n in (1, 2))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_tokens_start_does_not_depend_on_which_others_are_live(whole_vocabulary: Vocabulary) -> None:
    ids = np.array([7, 30, 59], np.int32)
    cut = cut_vocabulary(ids, ids[:0], vocabulary_size=60, min_count=None)
    few, all_rows = (token_rows(v, 8, 0.1, Streams(5)) for v in (cut, whole_vocabulary))
    assert torch.equal(few, all_rows[[7, 30, 59]])


class WithAnUndrawnScale(Classifier):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(2, 2)
        self.scale = nn.Parameter(torch.ones(2))

    def features(self, batch: object, noise: Noise | None) -> torch.Tensor:
        return self.scale.expand(1, 2)


def test_a_parameter_without_a_law_is_refused(whole_vocabulary: Vocabulary) -> None:
    with pytest.raises(AssertionError, match=r"no law says how to draw \['scale'\]"):
        initialise(WithAnUndrawnScale(), whole_vocabulary, Streams(0))


def drawn(vocabulary: Vocabulary, num_outputs: int, init: str) -> dict[str, torch.Tensor]:
    model = BagOfEmbeddings(width=6).build(len(vocabulary), 16, num_outputs)
    initialise(model, vocabulary, Streams(4), HeadSettings(init=init))
    return model.state_dict()


def test_one_row_may_start_as_the_difference_of_two(whole_vocabulary: Vocabulary) -> None:
    two, one = drawn(whole_vocabulary, 2, "own"), drawn(whole_vocabulary, 1, "two_rows")
    for part in ("head.weight", "head.bias"):
        assert torch.equal(one[part], two[part][[1]] - two[part][[0]])
    assert torch.equal(one["tokens.weight"], two["tokens.weight"])


def test_two_rows_may_start_as_one_with_its_half_on_either_side(whole_vocabulary: Vocabulary) -> None:
    one, two = drawn(whole_vocabulary, 1, "own"), drawn(whole_vocabulary, 2, "one_row")
    for part in ("head.weight", "head.bias"):
        assert torch.equal(two[part], torch.cat([-one[part] / 2, one[part] / 2]))
    assert not torch.equal(two["head.weight"], drawn(whole_vocabulary, 2, "own")["head.weight"])


def test_the_difference_of_two_rows_has_its_own_law(whole_vocabulary: Vocabulary) -> None:
    """Triangular, with √2 times the spread of one row."""
    wide = BagOfEmbeddings(width=4000)
    spreads = []
    for init in ("own", "two_rows"):
        model = wide.build(len(whole_vocabulary), 16, 1)
        initialise(model, whole_vocabulary, Streams(4), HeadSettings(init=init))
        spreads.append(model.head.weight.std().item())
    assert spreads[1] / spreads[0] == pytest.approx(math.sqrt(2), rel=0.05)


def test_the_table_has_one_row_for_each_live_token(build: Callable[..., Classifier]) -> None:
    ids = np.array([7, 30, 59], np.int32)
    cut = cut_vocabulary(ids, ids[:0], vocabulary_size=60, min_count=None)
    assert build(BagOfEmbeddings(width=5), vocabulary=cut).tokens.weight.shape == (3, 5)
