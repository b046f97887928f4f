"""Synthetic reviews: readable sentiment, known best accuracy, one seed one corpus."""

import time

import numpy as np
import pytest

from trainables.data.sources import SyntheticSource
from trainables.data.sources.grammar import NEUTRAL, OPINION_WORDS, SLOTS, read_opinions
from trainables.errors import DataError


def load(**settings):
    return SyntheticSource(**{"train_rows": 300, "test_rows": 200, "median_words": 60, **settings}).load()


def read(texts) -> np.ndarray:
    return np.array([int(sum(read_opinions(text)) > 0) for text in texts])


def test_without_noise_every_label_is_the_sentiment_that_the_text_says():
    for rows in load(label_noise=0).splits.values():
        assert read(rows.texts).tolist() == rows.labels.tolist()


def test_praise_and_complaint_never_tie():
    texts = load(train_rows=1000).splits["train"].texts
    assert all(sum(read_opinions(text)) % 2 == 1 for text in texts)


def test_the_best_reader_scores_the_best_accuracy():
    source = SyntheticSource(train_rows=4000, test_rows=2, median_words=20, label_noise=0.2)
    rows = source.load().splits["train"]
    assert source.best_accuracy == 0.8
    # Four standard deviations: sqrt(0.2 × 0.8 / 4000) = 0.0063.
    assert (read(rows.texts) == rows.labels).mean() == pytest.approx(0.8, abs=4 * 0.0063)


def test_noise_changes_labels_and_no_text():
    clean, noisy = load(label_noise=0).splits["train"], load(label_noise=0.3).splits["train"]
    assert clean.texts == noisy.texts
    assert 0.2 < (clean.labels != noisy.labels).mean() < 0.4


def test_the_same_seed_writes_the_same_reviews_and_another_seed_others():
    assert load(seed=3).fingerprint == load(seed=3).fingerprint
    assert not set(load(seed=3).splits["train"].texts) & set(load(seed=4).splits["train"].texts)


def test_more_training_reviews_change_no_test_review():
    assert load(train_rows=10).splits["test"].texts == load(train_rows=500).splits["test"].texts


def test_no_review_stands_twice():
    splits = load(train_rows=3000, test_rows=1000, median_words=20).splits
    texts = [text for rows in splits.values() for text in rows.texts]
    assert len(set(texts)) == len(texts) == 4000


def test_lengths_spread_as_those_of_imdb():
    words = np.array([len(text.split()) for text in load(train_rows=2000, median_words=180).splits["train"].texts])
    # IMDB in tokens: median 220, mean 297, 95th percentile 764. Whole sentences make each a little longer.
    assert np.median(words) == pytest.approx(180, rel=0.1)
    assert words.mean() / np.median(words) == pytest.approx(297 / 220, rel=0.1)
    assert np.percentile(words, 95) / np.median(words) == pytest.approx(764 / 220, rel=0.15)


def test_classes_are_balanced_before_noise():
    assert np.bincount(load(label_noise=0).splits["test"].labels).tolist() == [100, 100]


def test_neutral_sentences_hold_no_opinion():
    words = {word for options in SLOTS.values() for option in options for word in option.lower().split()}
    words |= {word for template in NEUTRAL for piece in template.pieces[::2] for word in piece.lower().split()}
    assert not words & OPINION_WORDS.keys()


@pytest.mark.parametrize(
    ("text", "strengths"),
    [
        ("The plot is good.", [1]),
        ("The plot is not really superb, but the cast is dull.", [-2, -1]),
        ("It is a hardly awful drama.", [2]),
        ("I saw this drama last night.", []),
    ],
)
def test_opinions_are_read_with_strength_and_negation(text, strengths):
    assert read_opinions(text) == strengths


def test_ten_thousand_reviews_take_seconds():
    start = time.perf_counter()
    load(train_rows=9000, test_rows=1000, median_words=60)
    # About 0.4 s on one core; the limit only notices a change of order.
    assert time.perf_counter() - start < 10


def test_a_language_that_runs_out_of_reviews_is_told_instead_of_being_searched_for_ever(monkeypatch):
    monkeypatch.setattr("trainables.data.sources.synthetic.write_review", lambda side, *_: f"Always {side}.")
    with pytest.raises(DataError, match=r"^data.median_words is 60: after \d+ reviews no new one of that length"):
        load()
