"""People's own files become official splits."""

import pandas as pd
import pytest
from pydantic import ValidationError

from trainables.data.sources import FilesSource
from trainables.errors import DataError


def write(path, rows):
    path.write_text("review,stars,author\n" + "".join(f"{text},{stars},{author}\n" for text, stars, author in rows))
    return str(path)


ROWS = [("bad", 1, "x"), ("fine", 3, "y"), ("great", 10, "x"), ("so so", 2, "z")]
COLUMNS = {"text_column": "review", "label_column": "stars"}


def test_one_file_is_the_split_all_and_says_so(tmp_path):
    path = write(tmp_path / "a.csv", ROWS)
    corpus = FilesSource(path=path, group_column="author", **COLUMNS).load()
    assert list(corpus.splits) == ["all"]
    assert corpus.class_names == ("1", "2", "3", "10")
    assert corpus.splits["all"].labels.tolist() == [0, 2, 3, 1]
    assert corpus.splits["all"].groups.tolist() == ["x", "y", "x", "z"]
    assert corpus.notes == (f"{path} has no official split: every part is drawn from it by the split's seed.",)


def test_a_file_for_each_split_may_lack_classes_that_another_has(tmp_path):
    source = FilesSource(
        train=write(tmp_path / "a.csv", ROWS),
        test=write(tmp_path / "b.csv", ROWS[1:3]),
        **COLUMNS,
    )
    corpus = source.load()
    assert list(corpus.splits) == ["train", "test"]
    assert corpus.splits["test"].labels.tolist() == [2, 3]
    assert corpus.notes == ()


def test_numbers_may_name_the_classes(tmp_path):
    path = write(tmp_path / "a.csv", ROWS[:2])
    assert FilesSource(path=path, labels=(3, 1), **COLUMNS).load().class_names == ("3", "1")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "give either path .one file. or train"),
        ({"path": "a.csv", "train": "b.csv"}, "give either path"),
        ({"path": "a.csv", "test": "b.csv"}, "give either path"),
        ({"test": "b.csv"}, "give either path"),
        ({"train": "a.csv", "test": "./a.csv"}, "train and test are the same file, ./a.csv; leave test out"),
        ({"path": "a.csv", "labels": ["a"]}, "at least 2"),
        ({"path": "a.csv", "labels": ["a", "a"]}, "labels names a class twice: a, a"),
        ({"path": "a.csv", "separator": ";;"}, "at most 1"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        FilesSource(**settings)


def test_a_missing_column_names_the_file_and_its_columns(tmp_path):
    path = write(tmp_path / "a.csv", ROWS)
    with pytest.raises(
        DataError, match=r"a.csv: there is no column 'text'; the columns are 'review', 'stars', 'author'"
    ):
        FilesSource(path=path).load()


def test_an_empty_split_names_its_file(tmp_path):
    source = FilesSource(train=write(tmp_path / "a.csv", ROWS), test=write(tmp_path / "b.csv", []), **COLUMNS)
    with pytest.raises(DataError, match=r"b.csv has no rows"):
        source.load()


def test_the_same_rows_are_the_same_data_in_every_format(tmp_path):
    rows = pd.DataFrame(
        {
            "text": ['said "no", twice', "two\nlines", "café", "a; b", "x", "y", "z", "w"],
            "label": ["north", "east", "south", "west"] * 2,
        }
    )
    rows.to_csv(tmp_path / "a.csv", index=False)
    rows.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    rows.to_csv(tmp_path / "b.csv.gz", index=False)
    rows.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    rows.to_json(tmp_path / "b.jsonl.bz2", orient="records", lines=True, force_ascii=False)
    rows.to_json(tmp_path / "a.json", orient="records")
    rows.to_parquet(tmp_path / "a.parquet")
    corpora = [FilesSource(path=str(file)).load() for file in sorted(tmp_path.iterdir())]
    assert len(corpora) == 7
    assert {corpus.fingerprint for corpus in corpora} == {corpora[0].fingerprint}
    assert corpora[0].class_names == ("east", "north", "south", "west")
    assert corpora[0].splits["all"].texts == rows["text"].tolist()
