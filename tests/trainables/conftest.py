"""Tiny data and tiny cells, shared by all tests of one cell. No source, no tokenizer, no disk."""

from collections.abc import Callable, Sequence
from typing import Any, get_args

import numpy as np
import pytest

from trainables.config import CellConfig
from trainables.data.batches import PackedBatch, PartBatches
from trainables.data.tokens import TokenizedCorpus, TokenizedRows, TokenSettings
from trainables.data.vocabulary import Vocabulary
from trainables.losses import AnyLoss, Loss
from trainables.models import AnyModel, ModelSettings, TransformerEncoder

VOCABULARY_SIZE = 60
WORDS_PER_CLASS = 4
SMALL_ENCODER = {"name": "transformer_encoder", "width": 8, "feed_forward": 16, "token_dropout": 0.2}


def union_members(annotated: Any) -> tuple[type, ...]:
    """The classes of `AnyLoss`, `AnyModel`: a new one is in every test that asks for them."""
    union = get_args(annotated)[0]
    return get_args(union) or (union,)


def key(settings: type) -> str:
    return str(settings.model_fields["name"].default)  # type: ignore[attr-defined]


@pytest.fixture(scope="session", params=union_members(AnyLoss), ids=key)
def loss(request: pytest.FixtureRequest) -> Loss:
    """Each loss in turn."""
    return request.param()


@pytest.fixture(scope="session", params=union_members(AnyModel), ids=key)
def model(request: pytest.FixtureRequest) -> ModelSettings:
    """Each model in turn, at its defaults."""
    return request.param()


MODEL_VARIANTS = {
    "encoder: post-norm, learned, first": TransformerEncoder(norm="post", positions="learned", pooling="first"),
    "encoder: sinusoidal, two blocks": TransformerEncoder(positions="sinusoidal", layers=2, heads=4),
}


@pytest.fixture(
    scope="session",
    params=[*(member() for member in union_members(AnyModel)), *MODEL_VARIANTS.values()],
    ids=[*(key(member) for member in union_members(AnyModel)), *MODEL_VARIANTS],
)
def settings(request: pytest.FixtureRequest) -> ModelSettings:
    """Each model in turn, and what the encoder's defaults leave out."""
    return request.param


def token_rows(texts: Sequence[Sequence[int]], labels: Sequence[int] | None = None) -> TokenizedRows:
    lengths = [len(text) for text in texts]
    rows = TokenizedRows(
        ids=np.array([token for text in texts for token in text], np.int32),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        labels=np.zeros(len(texts), np.int64) if labels is None else np.array(labels, np.int64),
        groups=None,
    )
    for array in (rows.ids, rows.offsets, rows.labels):
        array.setflags(write=False)  # as memory-mapped arrays are
    return rows


@pytest.fixture(scope="session")
def make_rows() -> Callable[..., TokenizedRows]:
    """Lists of token ids, and labels, to the rows of one official split."""
    return token_rows


@pytest.fixture(scope="session")
def whole_vocabulary() -> Vocabulary:
    """Every row live: the cut that cuts nothing."""
    rows = VOCABULARY_SIZE + 1
    return Vocabulary(rows, np.arange(rows), np.arange(rows, dtype=np.int32))


@pytest.fixture(scope="session")
def pack(whole_vocabulary: Vocabulary) -> Callable[[Sequence[Sequence[int]]], PackedBatch]:
    """Lists of token ids to one packed batch; `rows_N` says where each list went."""

    def pack(texts: Sequence[Sequence[int]]) -> PackedBatch:
        tokens = TokenSettings(max_length=max(len(text) for text in texts))
        rows = np.arange(len(texts))
        (batch,) = PartBatches(token_rows(texts), rows, whole_vocabulary, tokens, len(texts)).in_order()
        return batch

    return pack


def toy_texts(labels: np.ndarray, seed: int) -> list[list[int]]:
    """Texts of 3 to 12 tokens, the first of them and about half of the others from the class's own four words."""
    generator = np.random.default_rng(seed)
    texts = []
    for label in labels:
        length = generator.integers(3, 13)
        own = label * WORDS_PER_CLASS + generator.integers(0, WORDS_PER_CLASS, length)
        noise = generator.integers(VOCABULARY_SIZE // 2, VOCABULARY_SIZE, length)
        says = (generator.random(length) < 0.5) | (np.arange(length) == 0)
        texts.append(np.where(says, own, noise).tolist())
    return texts


@pytest.fixture(scope="session")
def make_corpus() -> Callable[..., TokenizedCorpus]:
    """A corpus that a word's presence separates."""

    def make(num_classes: int = 2, num_train: int = 40, num_test: int = 30) -> TokenizedCorpus:
        splits = {}
        for seed, (name, size) in enumerate({"train": num_train, "test": num_test}.items()):
            labels = np.arange(size) % num_classes
            splits[name] = token_rows(toy_texts(labels, seed), labels.tolist())
        names = tuple(f"class {c}" for c in range(num_classes))
        return TokenizedCorpus(splits, names, "toy", "cl100k_base", VOCABULARY_SIZE)

    return make


@pytest.fixture(scope="session")
def make_config() -> Callable[..., CellConfig]:
    """A cell's settings, small; `training` by keyword."""

    def make(
        loss: Any = "cross_entropy", model: Any = None, seed: int = 0, tokens: Any = None, **training: Any
    ) -> CellConfig:
        return CellConfig.model_validate(
            {
                "data": "synthetic",  # never loaded
                "split": {"validation": {"of": "test", "size": 14}},
                "tokens": {"max_length": 10, **(tokens or {})},
                "model": model
                or {
                    "name": "transformer_encoder",
                    "width": 8,
                    "feed_forward": 16,
                    "dropout": 0.2,
                    "token_dropout": 0.2,
                },
                "loss": loss,
                "training": {
                    "epochs": 3,
                    "batch_size": 16,
                    "learning_rate": 0.01,
                    "weight_decay": 0.01,
                    **training,
                },
                "seed": seed,
            }
        )

    return make
