"""Where split, truncation and vocabulary meet."""

from collections.abc import Callable

import numpy as np
import pytest

from trainables.data.cell_data import CellData, prepare
from trainables.data.splits import SplitSettings
from trainables.data.tokens import TokenizedCorpus, TokenSettings

SPLIT = SplitSettings(validation={"of": "test", "size": 14})


def prepared(corpus: TokenizedCorpus, seed: int = 0, split: SplitSettings = SPLIT, **tokens: object) -> CellData:
    return prepare(corpus, split, TokenSettings.model_validate(tokens), batch_size=16, seed=seed)


def tokens_of(data: CellData) -> set[int]:
    parts = [data.train, *data.evaluated.values()]
    places = np.concatenate([batch.ids_T.numpy() for part in parts for batch in part.in_order()])
    return set(data.vocabulary.live[places].tolist())


def test_a_cell_reads_train_validation_and_test(make_corpus: Callable[..., TokenizedCorpus]) -> None:
    data = prepared(make_corpus())
    sizes = {name: len(part.rows) for name, part in data.evaluated.items()}
    assert (len(data.train.rows), sizes, data.num_classes) == (40, {"validation": 14, "test": 16}, 2)
    assert not set(data.evaluated["validation"].rows) & set(data.evaluated["test"].rows)


def test_each_live_row_is_read_by_some_part_and_each_part_reads_live_rows(
    make_corpus: Callable[..., TokenizedCorpus],
) -> None:
    data = prepared(make_corpus(), max_length=3)
    assert tokens_of(data) == set(data.vocabulary.live.tolist())


def test_tokens_that_truncation_cuts_off_need_no_row(make_corpus: Callable[..., TokenizedCorpus]) -> None:
    assert len(prepared(make_corpus(), max_length=1).vocabulary) == 8  # the first token is a class's own
    assert len(prepared(make_corpus(), max_length=12).vocabulary) > 30


def test_with_a_least_count_counts_are_those_of_the_truncated_training_part(
    make_corpus: Callable[..., TokenizedCorpus],
) -> None:
    corpus = make_corpus()
    data = prepared(corpus, max_length=1, min_count=6)
    rows = corpus.splits["train"]
    firsts, counts = np.unique(rows.ids[rows.offsets[:-1]], return_counts=True)
    assert data.vocabulary.live.tolist() == [*firsts[counts >= 6], corpus.vocabulary_size]


@pytest.mark.parametrize("varies", [False, True])
def test_the_split_varies_by_seed_only_if_asked(varies: bool, make_corpus: Callable[..., TokenizedCorpus]) -> None:
    split = SPLIT.model_copy(update={"varies_by_seed": varies})
    first, second = (prepared(make_corpus(), seed, split).evaluated["validation"].rows for seed in (1, 2))
    assert np.array_equal(first, second) != varies


def test_nothing_is_written_into_the_shared_arrays(make_corpus: Callable[..., TokenizedCorpus]) -> None:
    corpus = make_corpus()
    before = corpus.digest()
    assert tokens_of(prepared(corpus, truncate="head_tail", max_length=5, min_count=2))
    assert corpus.digest() == before
    labels = corpus.splits["train"].labels.copy()
    for batch in prepared(corpus).train.in_order():
        batch.ids_T.zero_()  # a batch is a copy, so even this does no harm
        batch.labels_N.zero_()
    assert corpus.digest() == before
    assert np.array_equal(corpus.splits["train"].labels, labels)
