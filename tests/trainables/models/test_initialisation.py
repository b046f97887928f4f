"""The laws that parameters are drawn from."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from trainables.data.vocabulary import Vocabulary, cut_vocabulary
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


def test_the_table_has_one_row_for_each_live_token(build: Callable[..., Classifier]) -> None:
    ids = np.array([7, 30, 59], np.int32)
    cut = cut_vocabulary(ids, ids[:0], vocabulary_size=60, min_count=None)
    assert build(BagOfEmbeddings(width=5), vocabulary=cut).tokens.weight.shape == (3, 5)
