"""Wrong data, on the command line: the message, exit code 2, and nothing has been begun."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from said import Call
from spoken import Refused, says

FILES = """\
data: {DATA}
split:
  train: {of: OF, size: rest}
  validation: {of: OTHER, size: 10}
  test: null
model: {name: bag_of_embeddings, width: 4}
training: {epochs: 1}
loss: cross_entropy
seeds: 1
"""
ROWS = [(f"text number {n}", ("bad", "good")[n % 2]) for n in range(40)]


def write_sweep(data: str, of: str = "all", other: str = "all") -> None:
    data = data if data.startswith("source:") else f"source: files, {data}"
    Path("x.yaml").write_text(FILES.replace("DATA", data).replace("OF", of).replace("OTHER", other))


def write_csv(path: str, rows: list[tuple[str, str]], header: str = "text,label", encoding: str = "utf-8") -> None:
    lines = [header, *(f"{text},{label}" for text, label in rows)]
    Path(path).write_text("\n".join(lines) + "\n", encoding=encoding)


def missing_file() -> None:
    write_csv("reviews.csv", ROWS)


def missing_column() -> None:
    write_csv("a.csv", ROWS, header="txt,label")


def another_separator() -> None:
    Path("a.csv").write_text("text;label\ngood;1\nbad;0\n")


def quoted_commas_and_another_separator() -> None:
    Path("a.csv").write_text('text;label\n"good, really";1\n"bad, really";0\n')


def imdb_with_another_separator() -> None:
    Path("a.csv").write_text('review;sentiment\n"good, really";positive\n"bad, really";negative\n')


def one_class() -> None:
    write_csv("a.csv", [(text, "good") for text, _ in ROWS])


def blank_labels() -> None:
    write_csv("a.csv", [*ROWS, ("no label", ""), ("nor here", " ")])


def labels_that_spell_a_gap() -> None:
    write_csv("a.csv", [*ROWS, ("no label", "NaN")])


def labels_that_are_not_a_number() -> None:
    numbers = [float(label == "good") for _, label in ROWS]
    pd.DataFrame({"text": [text for text, _ in ROWS], "label": [*numbers[:-1], float("nan")]}).to_parquet(
        "a.parquet"
    )


def one_and_the_word_one() -> None:
    labels = [1 if label == "good" else 0 for _, label in ROWS]
    rows = [{"text": text, "label": label} for (text, _), label in zip(ROWS, [*labels[:-1], "1"], strict=True)]
    Path("a.jsonl").write_text("\n".join(map(json.dumps, rows)))


def two_spellings() -> None:
    write_csv("a.csv", [*ROWS, ("well", "Good"), ("very well", "Good")])


def empty_texts() -> None:
    write_csv("a.csv", [*ROWS, ("", "good"), ("  ", "bad")])


def not_utf8() -> None:
    write_csv("a.csv", [*ROWS, ("un café", "good")], encoding="latin1")


def only_a_header() -> None:
    write_csv("a.csv", [])


def nothing_at_all() -> None:
    Path("a.csv").touch()


def a_row_too_long() -> None:
    write_csv("a.csv", [*ROWS, ("well, well", "good")])


def an_unknown_kind() -> None:
    write_csv("a.xlsx", ROWS)


WRONG: dict[str, tuple[Callable[[], None], str, str]] = {
    "a missing file": (
        missing_file,
        "path: review.csv",
        "data.path: there is no file …/review.csv (did you mean 'reviews.csv'?); relative paths are seen from the "
        "working directory",
    ),
    "a missing column": (
        missing_column,
        "path: a.csv",
        "…/a.csv: there is no column 'text'; the columns are 'txt', 'label' (did you mean 'txt'?); "
        "set data.text_column",
    ),
    "another separator": (
        another_separator,
        "path: a.csv",
        '…/a.csv: the first line has no "," but ";", which seems to part the columns; set data.separator: ";"',
    ),
    "another separator and quoted commas": (
        quoted_commas_and_another_separator,
        "path: a.csv",
        '…/a.csv: the first line has no "," but ";", which seems to part the columns; set data.separator: ";"',
    ),
    "IMDB's CSV with another separator": (
        imdb_with_another_separator,
        "source: imdb, path: a.csv",
        '…/a.csv: the first line has no "," but ";", which seems to part the columns; '
        'set data.source: files, and data.separator: ";"',
    ),
    "one class": (
        one_class,
        "path: a.csv",
        "…/a.csv: every row has the label 'good'; two classes or more are needed: add rows of another class, or "
        "set data.label_column",
    ),
    "blank labels": (
        blank_labels,
        "path: a.csv",
        "…/a.csv: the label is missing or blank in 2 of 42 rows, first in row 41; label those rows or leave them "
        "out",
    ),
    "a label that spells a gap": (
        labels_that_spell_a_gap,
        "path: a.csv",
        "…/a.csv: 1 row has the label 'NaN', which is how a missing label is written; label those rows or leave "
        "them out, or, if it is a class of that name, list all classes in data.labels",
    ),
    "a label that is not a number": (
        labels_that_are_not_a_number,
        "path: a.parquet",
        "…/a.parquet: the label is missing or blank in 1 of 40 rows, first in row 40; label those rows or leave "
        "them out",
    ),
    "1 and '1'": (
        one_and_the_word_one,
        "path: a.jsonl",
        "…/a.jsonl: the labels are of two kinds, numbers (0 in row 1; 39 rows) and words ('1' in row 40; 1 row); "
        "write them all in one way",
    ),
    "two spellings": (
        two_spellings,
        "path: a.csv",
        "…/a.csv: the labels 'good' (20 rows) and 'Good' (2 rows) differ only in case, space or how a number is "
        "written; write them in one way",
    ),
    "empty texts": (
        empty_texts,
        "path: a.csv",
        "…/a.csv: the text is empty in 2 rows, the first is row 41; mend the data, or leave such rows out with "
        "data.empty_texts: drop",
    ),
    "not UTF-8": (
        not_utf8,
        "path: a.csv",
        "…/a.csv, line 42, is not UTF-8: invalid continuation byte (byte 0xe9); save it as UTF-8, for example "
        "with: iconv -f latin1 -t utf-8 a.csv > utf8_a.csv",
    ),
    "only a header": (
        only_a_header,
        "path: a.csv",
        "…/a.csv has no rows; give a file or a split with labelled texts",
    ),
    "an empty file": (
        nothing_at_all,
        "path: a.csv",
        "…/a.csv is empty; give a file with a header and a row for each text",
    ),
    "a row too long": (
        a_row_too_long,
        "path: a.csv",
        '…/a.csv: row 41 has 3 fields where the header has 2; put texts that contain "," in quotation marks, or, '
        'if another character parts the fields, set data.separator: "…"',
    ),
    "a file of an unknown kind": (
        an_unknown_kind,
        "path: a.xlsx",
        "…/a.xlsx: the ending says no known format; known are .csv, .tsv, .tab, .jsonl, .ndjson, .json, .parquet, "
        "all but the last also with .gz, .bz2, .xz, .zip",
    ),
}


@pytest.mark.parametrize(("make", "data", "message"), WRONG.values(), ids=WRONG)
def test_wrong_data_are_named_with_their_row_and_nothing_is_begun(
    make: Callable[[], None], data: str, message: str, refused: Refused, home: Path
) -> None:
    make()
    write_sweep(data)
    said = refused("run", "x.yaml", home=home)
    assert says(said, message), said
    assert not (home / "tokens").exists()


def test_a_part_that_gets_no_row_is_refused(refused: Refused, home: Path) -> None:
    write_csv("a.csv", ROWS[:10])
    write_sweep("path: a.csv")
    assert refused("run", "x.yaml", home=home) == (
        "split.train gets no row of 'all': it has 10 rows, of which are asked: split.validation 10; change "
        "split.train.size or what the other parts take"
    )


def test_a_split_that_the_data_do_not_have_is_refused_with_what_they_have(refused: Refused, home: Path) -> None:
    write_csv("a.csv", ROWS)
    write_sweep("path: a.csv", of="train", other="train")
    said = refused("run", "x.yaml", home=home)
    assert says(said, "split.validation.of is 'train'; the data has 'all'; for example …{of: all, size: 0.1}"), said


def repeat_in_validation(shared: int) -> None:
    """Of validation's 10 texts so many are also in train, in a file of their own."""
    write_csv("train.csv", ROWS)
    write_csv("held.csv", [*ROWS[:shared], *((f"new {text}", label) for text, label in ROWS[shared:10])])
    write_sweep("train: train.csv, validation: held.csv", of="train", other="validation")
    Path("x.yaml").write_text(Path("x.yaml").read_text().replace("size: 10}", "size: rest}"))


def test_a_copy_of_train_as_validation_is_refused(refused: Refused, home: Path) -> None:
    repeat_in_validation(shared=6)
    assert refused("run", "x.yaml", home=home) == (
        "6 of the 10 texts of split.validation are also in split.train, so accuracy there would measure memory; "
        "give the two parts different files, or remove the repeats"
    )


def test_fewer_shared_texts_are_reported_and_do_not_stop_the_sweep(call: Call, new_home: Path) -> None:
    repeat_in_validation(shared=5)
    planned = call("plan", "x.yaml", "--home", str(new_home))
    assert (planned.code, planned.err) == (0, "")
    assert "5 texts stand both in train and in validation." in planned.out


def test_empty_texts_are_left_out_where_that_is_asked_and_the_count_is_reported(call: Call, new_home: Path) -> None:
    empty_texts()
    write_sweep("path: a.csv, empty_texts: drop")
    planned = call("plan", "x.yaml", "--home", str(new_home))
    assert (planned.code, planned.err) == (0, "")
    assert "left out 2 of 42 rows, whose text was empty" in planned.out


def test_a_class_called_like_a_gap_is_one_where_it_is_declared(call: Call, new_home: Path) -> None:
    write_csv("a.csv", [(text, {"bad": "NA", "good": "EU"}[label]) for text, label in ROWS])
    write_sweep("path: a.csv, labels: [EU, NA]")
    planned = call("plan", "x.yaml", "--home", str(new_home))
    assert (planned.code, planned.err) == (0, "")
    assert "50.0% NA" in planned.out
