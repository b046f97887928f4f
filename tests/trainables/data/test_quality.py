"""What the data report counts, says and refuses."""

import numpy as np
import pytest

from trainables.data.corpus import Corpus, LabelledTexts
from trainables.data.quality import data_report
from trainables.data.splits import PartRows, Split
from trainables.errors import DataError


def corpus(train: list[str], test: list[str], groups: bool = False) -> Corpus:
    splits = {}
    for name, texts in {"train": train, "test": test}.items():
        movies = np.array([f"movie {text[0]}" for text in texts]) if groups else None
        splits[name] = LabelledTexts(texts, np.arange(len(texts)) % 2, movies)
    return Corpus(splits, ("negative", "positive"))


def split(train: int, validation: int, test: int) -> Split:
    return Split(
        PartRows("train", np.arange(train)),
        PartRows("test", np.arange(validation)),
        PartRows("test", np.arange(validation, validation + test)) if test else None,
    )


def test_sizes_and_class_balance_are_told_for_each_part():
    report = data_report(corpus(["a", "b", "c"], ["d", "e", "f"]), split(3, 1, 2))
    assert report.sentences == [
        "train: 3 rows from 'train'; 66.7% negative, 33.3% positive.",
        "validation: 1 row from 'test'; 100.0% negative, 0.0% positive.",
        "test: 2 rows from 'test'; 50.0% positive, 50.0% negative.",
    ]
    assert report.parts[0].rows_per_class == (2, 1)


def test_repeats_within_a_part_and_across_parts_are_counted_after_strip():
    data = corpus(["a", " a\n", "a", "b"], ["b ", "c", "d", "c"])
    report = data_report(data, split(4, 3, 1))
    assert [part.repeats for part in report.parts] == [2, 0, 0]
    assert {(pair.first, pair.second): pair.shared_texts for pair in report.pairs} == {
        ("train", "validation"): 1,
        ("train", "test"): 0,
        ("validation", "test"): 1,
    }
    assert "train: 2 rows of it repeat the text of an earlier row." in report.sentences
    assert "1 text stands both in train and in validation." in report.sentences


def test_groups_on_both_sides_of_an_official_split_are_told():
    report = data_report(corpus(["a1", "b1"], ["a2", "c1"], groups=True), split(2, 2, 0))
    assert report.pairs[0].shared_groups == 1
    assert "1 group stands both in train and in validation." in report.sentences
    assert report.sentences[0] == "train: 2 rows from 'train', in 2 groups; 50.0% positive, 50.0% negative."


@pytest.mark.parametrize(("part", "sizes"), [("validation", (4, 3, 1)), ("test", (4, 1, 3))])
def test_a_part_that_is_for_the_most_part_in_train_is_refused(part, sizes):
    test = ["a", "b", "x", "y"] if part == "validation" else ["x", "a", "b", "y"]
    with pytest.raises(DataError, match=rf"2 of the 3 texts of split.{part} are also in split.train"):
        data_report(corpus(["a", "b", "c", "d"], test), split(*sizes))


def test_half_of_a_part_in_train_is_reported_not_refused():
    report = data_report(corpus(["a", "b"], ["a", "b", "x", "y"]), split(2, 4, 0))
    assert report.pairs[0].seen_rows == 2
