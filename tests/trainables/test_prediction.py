"""A trained cell as a classifier of new texts: what training saw, it says again; what it never saw is defined."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest
import torch

from trainables.classifier import CellOutcome, CellTraining
from trainables.config import CellConfig
from trainables.data import cell_data
from trainables.data.corpus import Corpus, LabelledTexts
from trainables.data.tokens import TokenizedCorpus, encode_texts, tokenize
from trainables.data.vocabulary import Vocabulary
from trainables.errors import DataError
from trainables.losses import CrossEntropy
from trainables.prediction import Predictor
from trainables.settings import AddedLater

WORDS = ("awful", "dull", "fine", "great")
FULL_ROWS = 100_277 + 1
"""The ids of cl100k_base, and the unknown token."""


def corpus_of(num_classes: int) -> Corpus:
    """Each class has its word; a number makes each text another, and some of test's are not in train."""

    def rows(start: int, size: int) -> LabelledTexts:
        labels = np.arange(size) % num_classes
        texts = [f"it was {WORDS[label]}, {'very ' * (n % 3)}no. {start + n}" for n, label in enumerate(labels)]
        return LabelledTexts(texts, labels)

    return Corpus({"train": rows(0, 32), "test": rows(500, 24)}, WORDS[:num_classes])


@pytest.fixture(scope="module")
def tokenized(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], TokenizedCorpus]:
    cache = tmp_path_factory.mktemp("tokens")
    return lambda num_classes: tokenize(corpus_of(num_classes), "cl100k_base", cache)


def config_of(loss: str = "cross_entropy", min_count: int | None = None, **training: Any) -> CellConfig:
    return CellConfig.model_validate(
        {
            "data": "synthetic",  # never loaded
            "split": {"validation": {"of": "test", "size": 12}},
            "tokens": {"max_length": 8, "truncate": "head_tail", "min_count": min_count},
            "model": {"name": "transformer_encoder", "width": 4, "feed_forward": 4, "positions": "learned"},
            "loss": loss,
            "training": {"epochs": 2, "batch_size": 16, "learning_rate": 0.05, "weight_decay": 0.3, **training},
            "seed": 5,
        }
    )


def trained(config: CellConfig, corpus: TokenizedCorpus) -> CellOutcome:
    training = CellTraining(config, corpus)
    return training.outcome(list(training.epochs()))


def predictor_of(config: CellConfig, outcome: CellOutcome, class_names: tuple[str, ...]) -> Predictor:
    shrinkage = outcome.result.model_facts["untouched_shrinkage"]
    return Predictor.from_cell(config.model_dump(mode="json"), outcome.weights, class_names, shrinkage)


@pytest.mark.parametrize("min_count", [None, 2])
@pytest.mark.parametrize("num_classes", [2, 4])
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_the_evaluated_texts_get_the_probabilities_that_were_stored(
    loss: str, num_classes: int, min_count: int | None, tokenized: Callable[[int], TokenizedCorpus]
) -> None:
    config, corpus = config_of(loss, min_count), tokenized(num_classes)
    outcome = trained(config, corpus)
    texts = corpus_of(num_classes).splits["test"].texts
    predictor = predictor_of(config, outcome, corpus.class_names)
    for part in ("validation", "test"):
        predicted = outcome.predictions[part]
        got = predictor.probabilities([texts[row] for row in predicted.rows])
        assert got.shape == (12, num_classes)
        # The same float32 sums in another order, for the table has more rows and the batch the same ones.
        np.testing.assert_allclose(got, np.exp(predicted.log_probabilities), atol=1e-6)
        np.testing.assert_allclose(got.sum(1), 1, atol=1e-12)


def test_a_cell_of_bfloat16_predicts_in_bfloat16_as_it_was_judged(
    tokenized: Callable[[int], TokenizedCorpus],
) -> None:
    config, corpus = config_of(precision="bfloat16"), tokenized(2)
    outcome = trained(config, corpus)
    predicted, texts = outcome.predictions["test"], corpus_of(2).splits["test"].texts
    predictor = predictor_of(config, outcome, corpus.class_names)
    stored = np.exp(predicted.log_probabilities)
    rows = [texts[row] for row in predicted.rows]
    np.testing.assert_allclose(predictor.probabilities(rows), stored, atol=1e-6)
    in_float32 = replace(predictor, in_bfloat16=False).probabilities(rows)
    assert np.abs(in_float32 - stored).max() > 1e-4


def test_a_text_has_the_same_probabilities_whatever_stands_beside_it(
    tokenized: Callable[[int], TokenizedCorpus],
) -> None:
    config, corpus = config_of(), tokenized(2)
    predictor = predictor_of(config, trained(config, corpus), corpus.class_names)
    texts = ["it was great", "dull", "it was awful, very very long and never to be seen again"] * 100
    together = predictor.probabilities(texts)  # more than one batch
    alone = np.concatenate([predictor.probabilities([text]) for text in texts[:3]])
    np.testing.assert_allclose(together, np.tile(alone, (100, 1)), atol=1e-6)


# Tokens that the cell never saw.


def test_the_rebuilt_table_is_the_one_that_training_the_full_table_gives(
    tokenized: Callable[[int], TokenizedCorpus], monkeypatch: pytest.MonkeyPatch
) -> None:
    config, corpus = config_of(), tokenized(2)
    cut = trained(config, corpus)

    def keep_all(train_ids: Any, other_ids: Any, vocabulary_size: int, min_count: None) -> Vocabulary:
        rows = np.arange(vocabulary_size + 1)
        return Vocabulary(len(rows), rows, rows.astype(np.int32))

    monkeypatch.setattr(cell_data, "cut_vocabulary", keep_all)
    full = trained(config, corpus)
    assert len(cut.weights["live_tokens"]) < 100
    assert len(full.weights["live_tokens"]) == FULL_ROWS
    rebuilt = predictor_of(config, cut, corpus.class_names).model.state_dict()
    for name, tensor in rebuilt.items():
        # Four steps of float32 rounding on untouched rows; elsewhere sums over more rows in the gradient's norm.
        torch.testing.assert_close(tensor, full.weights[name], atol=1e-7, rtol=1e-5)
    untouched = np.setdiff1d(np.arange(FULL_ROWS), cut.weights["live_tokens"])
    assert 0 < cut.result.model_facts["untouched_shrinkage"] < 0.99
    assert rebuilt["tokens.weight"][untouched].std() == pytest.approx(
        0.1 * cut.result.model_facts["untouched_shrinkage"], rel=0.01
    )


def test_without_min_count_two_unseen_tokens_are_two_tokens(tokenized: Callable[[int], TokenizedCorpus]) -> None:
    config, corpus = config_of(), tokenized(2)
    predictor = predictor_of(config, trained(config, corpus), corpus.class_names)
    river, yellow = predictor.probabilities([" river", " yellow"])
    assert not np.allclose(river, yellow, atol=1e-9)


def test_with_min_count_every_unseen_or_rare_token_is_the_unknown_one(
    tokenized: Callable[[int], TokenizedCorpus],
) -> None:
    config, corpus = config_of(min_count=2), tokenized(2)
    predictor = predictor_of(config, trained(config, corpus), corpus.class_names)
    singles = [" river", " yellow", "<"]
    assert {len(encode_texts([text], "cl100k_base")[0]) for text in singles} == {1}
    got = predictor.probabilities(singles)
    np.testing.assert_allclose(got, np.tile(got[:1], (3, 1)), atol=1e-12)
    assert not np.allclose(got[0], predictor.probabilities([" was"])[0], atol=1e-9)


# What it is asked.


@pytest.mark.parametrize("empty", ["", " \n\t"])
def test_an_empty_text_is_refused_by_its_number(empty: str, tokenized: Callable[[int], TokenizedCorpus]) -> None:
    config, corpus = config_of(epochs=1), tokenized(2)
    predictor = predictor_of(config, trained(config, corpus), corpus.class_names)
    with pytest.raises(DataError, match="text number 2 is empty; a text must have at least one token"):
        predictor.probabilities(["fine", empty, ""])
    assert predictor.probabilities([]).shape == (0, 2)
    assert predictor.class_names == ("awful", "dull")


def test_texts_with_special_tokens_or_odd_characters_are_plain_texts(
    tokenized: Callable[[int], TokenizedCorpus],
) -> None:
    config, corpus = config_of(epochs=1), tokenized(2)
    predictor = predictor_of(config, trained(config, corpus), corpus.class_names)
    got = predictor.probabilities(["<|endoftext|>", "é文\x00", "lone \udce9 surrogate"])
    assert np.isfinite(got).all()


def test_predicting_needs_nothing_but_what_is_stored(
    tokenized: Callable[[int], TokenizedCorpus], tmp_path: Path
) -> None:
    config, corpus = config_of(epochs=1), tokenized(2)
    outcome = trained(config, corpus)
    first = predictor_of(config, outcome, corpus.class_names).probabilities(["it was great"])
    torch.manual_seed(77)
    weights_before = {name: tensor.clone() for name, tensor in outcome.weights.items()}
    again = predictor_of(config, outcome, corpus.class_names).probabilities(["it was great"])
    assert np.array_equal(first, again)
    assert all(tensor.equal(weights_before[name]) for name, tensor in outcome.weights.items())


def test_a_cell_from_before_a_setting_came_predicts_with_the_value_it_was_trained_under(
    tokenized: Callable[[int], TokenizedCorpus], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tempered(CrossEntropy):
        name: Literal["cross_entropy"] = "cross_entropy"
        temperature: Annotated[float, AddedLater(neutral=1.0)] = 2.0

    config, corpus = config_of(), tokenized(2)
    outcome = trained(config, corpus)
    monkeypatch.setattr("trainables.prediction.AnyLoss", Tempered)
    loss = predictor_of(config, outcome, corpus.class_names).loss
    assert isinstance(loss, Tempered)
    assert loss.temperature == 1.0
