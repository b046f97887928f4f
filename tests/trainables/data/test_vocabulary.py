"""The cut of the token table, by hand."""

import numpy as np
import pytest

from trainables.data.vocabulary import cut_vocabulary

TRAIN = np.array([3, 3, 3, 5, 5, 8], np.int32)
OTHERS = np.array([3, 5, 9, 9], np.int32)


def test_without_a_least_count_each_token_in_use_keeps_its_row() -> None:
    cut = cut_vocabulary(TRAIN, OTHERS, vocabulary_size=10, min_count=None)
    assert (cut.full_rows, len(cut), cut.live.tolist()) == (11, 4, [3, 5, 8, 9])
    assert cut.dense[[3, 5, 8, 9]].tolist() == [0, 1, 2, 3]
    assert set(np.delete(cut.dense, [3, 5, 8, 9])) == {-1}


def test_with_a_least_count_rarer_and_unseen_tokens_share_the_unknown_row() -> None:
    cut = cut_vocabulary(TRAIN, OTHERS, vocabulary_size=10, min_count=2)
    assert cut.live.tolist() == [3, 5, 10]
    assert cut.dense[[3, 5]].tolist() == [0, 1]
    # 8 is too rare; 9 is frequent, but only where training does not look; the others occur nowhere.
    assert set(np.delete(cut.dense, [3, 5])) == {2}


@pytest.mark.parametrize("min_count", [None, 2, 3])
def test_live_rows_and_dense_places_are_inverse(min_count: int | None) -> None:
    cut = cut_vocabulary(TRAIN, OTHERS, vocabulary_size=10, min_count=min_count)
    assert cut.dense[cut.live].tolist() == list(range(len(cut)))
    assert (np.diff(cut.live) > 0).all()


def test_evaluation_never_decides_what_is_frequent() -> None:
    alone = cut_vocabulary(TRAIN, OTHERS[:0], vocabulary_size=10, min_count=2)
    beside = cut_vocabulary(TRAIN, np.tile(OTHERS, 9), vocabulary_size=10, min_count=2)
    assert np.array_equal(alone.live, beside.live)
    assert np.array_equal(alone.dense, beside.dense)
