"""Texts labelled by a cell that a user's own sweep has trained, however they are given."""

import io
import math
from pathlib import Path

import pandas as pd
import pytest
from own_sweep import TOPICS, OwnSweep, strict_json, tickets
from said import Call
from spoken import says

from orchestrator.results import ResultTable


def labels(out: str) -> list[str]:
    return [line.split("\t")[0] for line in out.splitlines()]


TEXTS = ["the parcel is late", "my password was reset", "refund the invoice please"]


@pytest.fixture
def predict(own: OwnSweep, call: Call):
    return lambda *words: call("predict", "tickets", *words, "--home", str(own.home))


@pytest.mark.parametrize("arm", ["loss=cross_entropy", "binary_cross_entropy"])
def test_texts_are_labelled_alike_from_arguments_from_standard_input_and_from_a_csv(
    arm: str, predict, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = ("--arm", arm, "--seed", "0")
    given = predict(*TEXTS, *chosen)
    assert (given.code, given.err) == (0, "")
    for line, text in zip(given.out.splitlines(), TEXTS, strict=True):
        label, chance, said = line.split("\t")
        assert label in TOPICS
        assert 0.25 <= float(chance) <= 1
        assert said == text

    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(TEXTS) + "\n\n"))
    assert predict(*chosen).out == given.out

    pd.DataFrame({"id": [7, 8, 9], "body": TEXTS}).to_csv("new.csv", index=False)
    frame = pd.read_csv(io.StringIO(predict("--csv", "new.csv", "--text-column", "body", *chosen).out))
    assert list(frame) == ["id", "body", "predicted_label", "predicted_probability"]
    assert list(frame["id"]) == [7, 8, 9]
    assert list(frame["predicted_label"]) == labels(given.out)


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.csv", 'id;body\n7;"late, the parcel"\n8;reset\n', ["--separator", ";"]),
        ("a.csv", "id\tbody\n7\tlate, the parcel\n8\treset\n", ["--separator", "tab"]),
        ("a.csv", "id\tbody\n7\tlate, the parcel\n8\treset\n", ["--separator", "\\t"]),
        ("a.tsv", "id\tbody\n7\tlate, the parcel\n8\treset\n", []),
    ],
)
def test_a_table_is_labelled_and_printed_with_the_separator_that_it_came_with(
    name: str, content: str, options: list[str], predict
) -> None:
    Path(name).write_text(content)
    said = predict("--csv", name, "--text-column", "body", *options)
    assert (said.code, said.err) == (0, "")
    mark = ";" if ";" in options else "\t"
    frame = pd.read_csv(io.StringIO(said.out), sep=mark)
    assert list(frame) == ["id", "body", "predicted_label", "predicted_probability"]
    assert list(frame["body"]) == ["late, the parcel", "reset"]
    assert list(frame["predicted_label"]) == labels(predict("late, the parcel", "reset").out)


def test_quotation_marks_can_be_characters(predict) -> None:
    Path("a.tsv").write_text('text\n"late" they say\n')
    said = predict("--csv", "a.tsv", "--unquoted", "--json")
    assert (said.code, said.err) == (0, "")
    assert strict_json(said.out)["text"] == '"late" they say'


def test_rows_of_json_lines_are_labelled_and_printed_as_csv(predict) -> None:
    Path("a.jsonl").write_text('{"id": 7, "text": "late, the parcel"}\n{"id": 8, "text": "reset"}\n')
    frame = pd.read_csv(io.StringIO(predict("--csv", "a.jsonl").out))
    assert list(frame["id"]) == [7, 8]
    assert list(frame["text"]) == ["late, the parcel", "reset"]


def test_only_the_end_of_a_line_ends_a_text_on_standard_input(predict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("late\u2028parcel\nreset\n"))
    rows = [strict_json(line) for line in predict("--json").out.strip().split("\n")]
    assert [row["text"] for row in rows] == ["late\u2028parcel", "reset"]


def test_json_gives_every_class_its_probability(predict) -> None:
    said = predict(*TEXTS, "--json")
    rows = [strict_json(line) for line in said.out.splitlines()]
    assert [row["text"] for row in rows] == TEXTS
    for row in rows:
        assert list(row["probabilities"]) == list(TOPICS)
        assert math.isclose(sum(row["probabilities"].values()), 1, abs_tol=1e-5)
        assert row["label"] == max(row["probabilities"], key=row["probabilities"].get)


def test_the_labels_are_those_of_the_stored_test_predictions(own: OwnSweep, predict) -> None:
    """The classifier that is loaded again is the one that was measured."""
    table = ResultTable.open("tickets", own.home)
    stored = table.predictions("test").query("arm == 'loss=cross_entropy'")
    texts = [tickets()["body"][row] for row in stored["row"]]
    chances = stored[[column for column in stored if column.startswith("log_probability")]].to_numpy()
    assert labels(predict(*texts).out) == [list(TOPICS)[best] for best in chances.argmax(axis=1)]


WRONG = {
    "an unknown arm": (
        ["a text", "--arm", "loss=cross_entropi"],
        "…loss=cross_entropi…did you mean…loss=cross_entropy…",
    ),
    "an unknown seed": (
        ["a text", "--seed", "7"],
        "loss=cross_entropy has no finished cell of seed 7 (seeds 0 are); the command that ran the sweep …",
    ),
    "an empty text": (["a text", " "], "text number 2 is empty; a text must have at least one token"),
    "texts and a CSV": (["a text", "--csv", "a.csv"], "both texts and --csv are given; leave one of them out"),
    "a CSV that is not there": (["--csv", "nowhere.csv"], "--csv: there is no file …/nowhere.csv; relative …"),
    "a CSV without the column": (
        ["--csv", "a.csv"],
        "a.csv has no column 'text' (it has: id, txt); did you mean txt?; name it with --text-column",
    ),
    "a CSV that predict has written": (
        ["--csv", "labelled.csv"],
        "labelled.csv has a column 'predicted_label' already, which predict would put its own in the place of; …",
    ),
    "a CSV with an empty text": (
        ["--csv", "a.csv", "--text-column", "txt"],
        "a.csv: column 'txt' is empty in row 2 (1 of 2 rows); leave such rows out",
    ),
    "a CSV that is not UTF-8": (
        ["--csv", "latin1.csv"],
        "…/latin1.csv, line 2, is not UTF-8: invalid continuation byte (byte 0xe9); save it as UTF-8, for …",
    ),
    "a CSV of nothing": (["--csv", "empty.csv"], "…/empty.csv is empty; give a file with a header and a row …"),
    "a CSV with another separator": (
        ["--csv", "semicolons.csv"],
        '…/semicolons.csv: the first line has no "," but ";", which seems to part the columns; set --separator ";"',
    ),
    "a TSV with quotation marks as characters": (
        ["--csv", "marks.tsv"],
        "…/marks.tsv, line 2: …; if quotation marks are ordinary characters here, set --unquoted",
    ),
    "a separator of two characters": (
        ["--csv", "a.csv", "--separator", ";;"],
        "--separator is ';;'; it must be one character, or tab",
    ),
    "a separator for nothing": (
        ["a text", "--separator", ";"],
        "--separator and --unquoted say how the file of --csv is read; name it with --csv",
    ),
    "a column of numbers": (
        ["--csv", "numbers.jsonl"],
        "numbers.jsonl: column 'text' is 7, which is no text, in row 1 (1 of 1 rows); leave such rows out",
    ),
}


@pytest.mark.parametrize(("words", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_labelled_is_refused(words: list[str], message: str, predict) -> None:
    Path("a.csv").write_text("id,txt\n1,good\n2,\n")
    Path("latin1.csv").write_bytes("text\ncafé\n".encode("latin1"))
    Path("empty.csv").touch()
    Path("labelled.csv").write_text("text,predicted_label\ngood,bad\n")
    Path("semicolons.csv").write_text('text;id\n"good, really";1\n')
    Path("marks.tsv").write_text('text\tid\n"good" they say\t1\n')
    Path("numbers.jsonl").write_text('{"text": 7}\n')
    said = predict(*words)
    assert (said.code, said.out) == (2, "")
    assert says(said.err, f"error: {message}\n"), said.err


@pytest.mark.parametrize("given", ["", "\n \n"])
def test_an_empty_standard_input_is_refused(given: str, predict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    said = predict()
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "error: there is no text to label; give texts as arguments, one a line on standard input, or --csv\n"
    )


def test_a_standard_input_that_is_not_utf8_is_refused(predict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("café\n".encode("latin1")), "utf-8"))
    said = predict()
    assert (said.code, said.out) == (2, "")
    assert said.err == "error: standard input is not UTF-8 (byte 0xe9); convert it\n"
