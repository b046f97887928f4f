"""What every model must keep, whichever it is. A new model is found through `AnyModel`."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from trainables.data.batches import PackedBatch, PartBatches
from trainables.data.tokens import TokenizedRows, TokenSettings
from trainables.data.vocabulary import Vocabulary, cut_vocabulary
from trainables.losses import CrossEntropy
from trainables.models import AnyModel, Classifier, ModelSettings, Noise
from trainables.models.initialisation import full_token_table
from trainables.randomness import Streams
from trainables.training import EpochSoFar, TrainingSettings, make_optimizer, train_epoch, untouched_shrinkage

Build = Callable[..., Classifier]
Pack = Callable[..., PackedBatch]


def texts(num_texts: int = 19, longest: int = 16) -> list[list[int]]:
    """Three groups of lengths from 1 to 16, the first group of one length only."""
    generator = np.random.default_rng(0)
    lengths = [1] * 8 + [*generator.integers(2, longest + 1, num_texts - 8)]
    return [generator.integers(0, 60, length).tolist() for length in lengths]


def by_row(model: Classifier, batch: PackedBatch) -> Tensor:
    """Logits in the order in which the texts were given."""
    with torch.no_grad():
        return model(batch)[np.argsort(batch.rows_N)]


def test_it_is_found_by_its_name_alone(model: ModelSettings) -> None:
    assert TypeAdapter(AnyModel).validate_python(model.model_dump()["name"]) == model


def test_it_refuses_a_setting_that_it_does_not_know(model: ModelSettings) -> None:
    with pytest.raises(ValidationError, match="widht"):
        type(model)(widht=8)


def test_the_loss_sizes_the_head(settings: ModelSettings, build: Build, pack: Pack) -> None:
    for num_outputs in (1, 2, 5):
        assert build(settings, num_outputs=num_outputs)(pack(texts())).shape == (19, num_outputs)


def test_padding_never_matters(settings: ModelSettings, build: Build, pack: Pack) -> None:
    model = build(settings)
    together = by_row(model, pack(texts()))
    alone = torch.cat([by_row(model, pack([text])) for text in texts()])
    # Sums of other shapes round differently, by some 1e-7 of logits of size 1; a leak would show as 1e-2.
    torch.testing.assert_close(together, alone, rtol=0, atol=2e-6)


def test_the_order_of_the_items_never_matters(settings: ModelSettings, build: Build, pack: Pack) -> None:
    model = build(settings)
    order = np.random.default_rng(1).permutation(19)
    shuffled = by_row(model, pack([texts()[i] for i in order]))
    torch.testing.assert_close(shuffled, by_row(model, pack(texts()))[order], rtol=0, atol=2e-6)


def test_padding_takes_no_gradient(settings: ModelSettings, build: Build, pack: Pack) -> None:
    # The padded places of a group repeat its first token: here the only one with the id 7.
    model = build(settings)
    batch = pack([[7], [3, 4, 5, 6]])
    of_the_other = model(batch)[list(batch.rows_N).index(1)].square().sum()
    (gradient_VD,) = torch.autograd.grad(of_the_other, [model.tokens.weight])
    assert gradient_VD[3].abs().sum() > 0
    assert gradient_VD[7].abs().sum() == 0


def test_every_parameter_learns(settings: ModelSettings, build: Build, pack: Pack) -> None:
    # A checkpoint holds the moments of each parameter, so each must have some after one step.
    model = build(settings)
    model(pack(texts())).square().sum().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


def test_the_same_seed_gives_the_same_start_and_another_seed_another(settings: ModelSettings, build: Build) -> None:
    first = build(settings, seed=1).state_dict()
    torch.manual_seed(99)
    torch.rand(5)
    again, other = build(settings, seed=1).state_dict(), build(settings, seed=2).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert all(first[name].isfinite().all() for name in first)
    drawn = [name for name in first if "norm" not in name]
    assert not any(torch.equal(first[name], other[name]) for name in drawn)


def test_no_two_parameters_share_their_numbers(settings: ModelSettings, build: Build) -> None:
    drawn = [p.flatten() for name, p in build(settings).state_dict().items() if "norm" not in name]
    assert len({float(p[0] / p.std()) for p in drawn if len(p) > 1}) == len(drawn)


def test_the_heads_shape_changes_nothing_of_the_trunks_start(settings: ModelSettings, build: Build) -> None:
    one, two = (build(settings, num_outputs=k).state_dict() for k in (1, 2))
    trunk = [name for name in one if not name.startswith("head.")]
    assert len(trunk) == len(one) - 2
    assert all(torch.equal(one[name], two[name]) for name in trunk)


def test_dropout_is_a_function_of_its_generator(settings: ModelSettings, build: Build, pack: Pack) -> None:
    model, batch = build(settings), pack(texts())

    def noisy(seed: int) -> Tensor:
        torch.rand(3)  # the global state moves on, and must not matter
        return model(batch, Noise(torch.Generator().manual_seed(seed)))

    assert torch.equal(noisy(1), noisy(1))
    assert not torch.equal(noisy(1), noisy(2))


def test_without_noise_nothing_is_dropped(settings: ModelSettings, build: Build, pack: Pack) -> None:
    model, batch = build(settings), pack(texts())
    without_dropout = build(settings.model_copy(update={"dropout": 0.0}))
    assert torch.equal(model.train()(batch), model.eval()(batch))
    assert torch.equal(model(batch), without_dropout(batch, Noise(torch.Generator())))


def test_logits_are_float32_under_bfloat16(settings: ModelSettings, build: Build, pack: Pack) -> None:
    model = build(settings)
    with torch.autocast("cpu", torch.bfloat16):
        logits_NK, features_ND = model(pack(texts())), model.features(pack(texts()), None)
    assert (logits_NK.dtype, features_ND.dtype) == (torch.float32, torch.float32)
    # bfloat16 keeps 8 bits: a relative rounding of 4e-3 in each of a few layers.
    torch.testing.assert_close(logits_NK, model(pack(texts())), rtol=0.05, atol=0.02)


def test_a_model_in_float64_stays_there(settings: ModelSettings, build: Build, pack: Pack) -> None:
    model = build(settings)
    logits_NK = model.double()(pack(texts()))
    assert logits_NK.dtype == torch.float64
    torch.testing.assert_close(logits_NK.float(), model.float()(pack(texts())))


def test_training_the_cut_vocabulary_is_training_the_whole(
    settings: ModelSettings,
    build: Build,
    make_rows: Callable[..., TokenizedRows],
    whole_vocabulary: Vocabulary,
) -> None:
    rows = make_rows([[3 * (token % 20) for token in text] for text in texts()], [0, 1] * 9 + [0])
    cut = cut_vocabulary(rows.ids, rows.ids, whole_vocabulary.full_rows - 1, min_count=None)
    assert 0 < len(cut) <= 20
    training, streams, num_steps = TrainingSettings(weight_decay=0.5, learning_rate=0.05), Streams(3), 6

    def trained(vocabulary: Vocabulary) -> dict[str, Tensor]:
        model = build(settings, seed=3, vocabulary=vocabulary)
        batches = PartBatches(rows, np.arange(19), vocabulary, TokenSettings(max_length=16), batch_size=4)
        train_epoch(
            model,
            CrossEntropy(),
            make_optimizer(model, training),
            batches.shuffled(streams, epoch=1, first_step=0, token_dropout=0.0),
            training,
            streams,
            EpochSoFar(),
            epoch=1,
            first_step=0,
            num_steps=num_steps,
            device=torch.device("cpu"),
        )
        return {name: tensor.detach() for name, tensor in model.state_dict().items()}

    part, whole = trained(cut), trained(whole_vocabulary)
    # The same sums in the same order; a vector unit may take another path where a tensor's size differs.
    torch.testing.assert_close(part.pop("tokens.weight"), whole["tokens.weight"][cut.live], rtol=1e-5, atol=1e-7)
    torch.testing.assert_close(part, {name: whole[name] for name in part}, rtol=1e-5, atol=1e-7)
    dead = np.setdiff1d(np.arange(whole_vocabulary.full_rows), cut.live)
    width = whole["tokens.weight"].shape[1]
    initial = full_token_table(whole_vocabulary.full_rows, width, settings.embedding_std, streams)[dead]
    left = untouched_shrinkage(5, num_steps, training)
    assert 0.85 < left < 0.95
    torch.testing.assert_close(whole["tokens.weight"][dead], initial * left, rtol=1e-6, atol=0)
