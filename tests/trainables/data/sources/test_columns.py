"""Texts and labels that are not what they seem are refused, with the place, the count and the remedy."""

import re

import pytest

from trainables.data.sources.columns import Table, build_corpus, pick_columns
from trainables.data.sources.reading import Columns
from trainables.errors import DataError

NAN = float("nan")


def build(labels, texts=None, groups=None, **settings):
    table = Table("reviews.csv", texts or [f"text {n}" for n in range(len(labels))], labels, groups)
    return build_corpus({"all": table}, **{"empty_texts": "error", **settings})


@pytest.mark.parametrize(
    ("labels", "class_names", "numbers"),
    [
        (["pos", "neg", "pos"], ("neg", "pos"), [1, 0, 1]),
        ([1, 0, 1], ("0", "1"), [1, 0, 1]),
        ([10, 9, 1], ("1", "9", "10"), [2, 1, 0]),
        (["10", "9", "-1"], ("-1", "9", "10"), [2, 1, 0]),
        ([1.0, 0.0], ("0", "1"), [1, 0]),
        (["10.0", "0.5", "2.0"], ("0.5", "2.0", "10.0"), [2, 0, 1]),
        (["--1", "--2", "-3"], ("--1", "--2", "-3"), [0, 1, 2]),
        (["9" * 5000, "8" * 5000], ("8" * 5000, "9" * 5000), [1, 0]),
        (["12345678901234567", "12345678901234568"], ("12345678901234567", "12345678901234568"), [0, 1]),
        ([True, False], ("False", "True"), [1, 0]),
        (["b", "d", "a", "c"], ("a", "b", "c", "d"), [1, 3, 0, 2]),
    ],
)
def test_classes_are_named_by_their_labels_numbers_by_size_and_words_by_alphabet(labels, class_names, numbers):
    corpus = build(labels)
    assert corpus.class_names == class_names
    assert corpus.splits["all"].labels.tolist() == numbers


def test_classes_come_in_the_order_given():
    assert build(["bad", "good"], class_names=["good", "bad"]).splits["all"].labels.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            ["a", None, "b", " "],
            "reviews.csv: the label is missing or blank in 2 of 4 rows, first in row 2; label those",
        ),
        ([0, NAN, 1], "reviews.csv: the label is missing or blank in 1 of 3 rows, first in row 2"),
        (
            [1, "1", 0],
            "labels are of two kinds, numbers (1 in row 1; 2 rows) and words ('1' in row 2; 1 row); write",
        ),
        ([1, True, 0], "labels are of two kinds, numbers (1 in row 1; 2 rows) and truth values (True in row 2"),
        (["Pos", "neg", "pos"], "the labels 'Pos' (1 row) and 'pos' (1 row) differ only in case, space or how"),
        (["pos", "neg", "pos "], "the labels 'pos' (1 row) and 'pos ' (1 row) differ only in case, space or how"),
        (
            ["1", "0", "1.0"],
            "the labels '1' (1 row) and '1.0' (1 row) differ only in case, space or how a number",
        ),
        (["01", "0", "1"], "the labels '01' (1 row) and '1' (1 row) differ only"),
        (["1", "0", "1e0 "], "the labels '1' (1 row) and '1e0 ' (1 row) differ only"),
        (["a", "a"], "every row has the label 'a'; two classes or more are needed: add rows of another class"),
        ([0.5, 1.0], "the label in row 1 is 0.5; labels must be words or whole numbers: set data.label_column"),
        ([[0], [1]], "the label in row 1 is [0]; labels must be words or whole numbers"),
        ([f"id {n}" for n in range(30)], "30 different labels in 30 rows, such as 'id 0'; set data.label_column"),
        (
            [f"{n} {'a' * 50} end" for n in range(30)],
            "such as '0 aaaaaaaaaa...aaaaaaaaa end'; set data.label_column",
        ),
    ],
)
def test_labels_that_are_not_what_they_seem_are_refused(labels, message):
    with pytest.raises(DataError, match=re.escape(message)):
        build(labels)


@pytest.mark.parametrize("gap", ["NaN", "NA", "n/a", "#N/A", "<NA>", "null"])
def test_a_word_that_pandas_r_excel_or_a_database_writes_for_a_gap_is_no_class_unless_it_is_declared(gap):
    with pytest.raises(DataError, match=re.escape(f"1 row has the label '{gap}', which is how a missing label is")):
        build(["a", "b", gap])
    assert build(["a", "b", gap], class_names=["a", "b", gap]).class_names == ("a", "b", gap)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["bad", "god"], "the label 'good' (1 row) is not among data.labels, 'bad', 'god' (did you mean 'god'?)"),
        (["bad", "good", "ugly"], "no row has the label 'ugly' of data.labels; drop it there"),
    ],
)
def test_labels_and_the_given_classes_must_fit(given, message):
    with pytest.raises(DataError, match=re.escape(message)):
        build(["bad", "good"], class_names=given)


def test_labels_are_compared_across_official_splits():
    tables = {name: Table(f"{name}.csv", ["a", "b"], labels) for name, labels in TWO_SPELLINGS.items()}
    with pytest.raises(DataError, match=r"train.csv, test.csv: the labels 'neg' \(1 row\) and 'Neg' \(1 row\)"):
        build_corpus(tables, empty_texts="error")


TWO_SPELLINGS = {"train": ["neg", "pos"], "test": ["Neg", "pos"]}


def test_empty_texts_are_refused_with_their_count_and_first_row():
    with pytest.raises(
        DataError, match=r"the text is empty in 3 rows, the first is row 2; .*data.empty_texts: drop"
    ):
        build([0, 1, 0, 1], ["a", "", " \n", None])


def test_empty_texts_are_dropped_on_request_with_a_note_and_without_a_look_at_their_labels():
    corpus = build([0, 1, None, 1], ["a", "b", " ", "d"], ["x", "y", None, "z"], empty_texts="drop")
    assert corpus.splits["all"].texts == ["a", "b", "d"]
    assert corpus.splits["all"].labels.tolist() == [0, 1, 1]
    assert corpus.splits["all"].groups.tolist() == ["x", "y", "z"]
    assert corpus.notes == ("reviews.csv: left out 1 of 4 rows, whose text was empty.",)


@pytest.mark.parametrize("empty_texts", ["error", "drop"])
def test_a_split_without_rows_is_refused(empty_texts):
    with pytest.raises(DataError, match=r"reviews.csv has no rows; give a file or a split with labelled texts"):
        build([], [], empty_texts=empty_texts)


def test_a_split_of_empty_texts_only_is_refused():
    with pytest.raises(DataError, match=r"every one of the 2 texts is empty; set data.text_column"):
        build([0, 1], ["", " "], empty_texts="drop")


def test_texts_that_are_numbers_are_refused():
    with pytest.raises(DataError, match=r"the text column holds int values .*\(2 rows, the first is row 1: 7\)"):
        build([0, 1], [7, 8])


def test_rows_without_a_group_are_refused():
    with pytest.raises(DataError, match=r"the group is missing in row 2; give each row a group"):
        build([0, 1], groups=["a", ""])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["txt", "label"],
            "there is no column 'text'; the columns are 'txt', 'label' (did you mean 'txt'?); set data.text_column",
        ),
        (["text", "stars"], "there is no column 'label'; the columns are 'text', 'stars'; set data.label_column"),
        (["text", "label"], "there is no column 'movie'; the columns are 'text', 'label'; set data.group_column"),
    ],
)
def test_a_missing_column_is_named_beside_those_there_are(names, message):
    with pytest.raises(DataError, match=re.escape(message)):
        pick_columns("reviews.csv", Columns(names, lambda name: []), "text", "label", "movie")
