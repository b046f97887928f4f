"""A user's own file with four classes, from `init` to `predict`: what a newcomer does on the first day."""

import contextlib
import io
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from processes import Run
from spoken import Call, says

from orchestrator.cli import main
from orchestrator.results import ResultTable

TOPICS = {
    "billing": "invoice refund charged payment",
    "delivery": "parcel late courier tracking",
    "login": "password account locked reset",
    "returns": "broken exchange label sent",
}
FILLER = ["please", "the", "my", "since", "was", "and", "again", "today", "help", "with", "for", "still"]


@dataclass(frozen=True)
class OwnSweep:
    """What one run of the template has left."""

    home: Path
    said: str


def tickets(num_rows: int = 200) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    queues = [list(TOPICS)[row % len(TOPICS)] for row in range(num_rows)]
    bodies = [
        " ".join([*generator.choice(TOPICS[queue].split(), 2), *generator.choice(FILLER, 5), f"no {row}"])
        for row, queue in enumerate(queues)
    ]
    return pd.DataFrame({"id": range(num_rows), "body": bodies, "queue": queues})


def fill_in(template: str, path: Path) -> str:
    """The template with its three marked lines filled in, and nothing else."""
    lines = template.splitlines()
    marked = [number for number, line in enumerate(lines) if "# <--" in line]
    assert [lines[number].split(":")[0].strip() for number in marked] == ["path", "text_column", "label_column"]
    for number, value in zip(marked, (path, "body", "queue"), strict=True):
        key = lines[number].split(":")[0]
        lines[number] = f"{key}: {value}"
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, seedwise: Run) -> OwnSweep:
    """Both losses on one seed, through Ray and into MLflow. Not to be changed."""
    place = tmp_path_factory.mktemp("own data")
    sweep, home = place / "tickets.yaml", place / "home"
    tickets().to_csv(place / "tickets.csv", index=False)
    with contextlib.redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as left:
        main(["init", str(sweep)])
    assert not left.value.code
    sweep.write_text(fill_in(sweep.read_text(), place / "tickets.csv"))
    return OwnSweep(
        home, seedwise("run", str(sweep), "--seeds", "1", "--set", "training.epochs=1", home=home).stdout
    )


def test_the_run_says_what_it_found_in_the_data_and_what_to_type_next(own: OwnSweep) -> None:
    assert "tickets.csv has no official split: every part is drawn from it by the split's seed." in own.said
    assert "25.0 % billing" in own.said
    assert "2 of 2 cells finished" in own.said
    assert f"seedwise compare tickets --home '{own.home}'" in own.said
    sweep = own.home.parent / "tickets.yaml"
    assert f"seedwise run '{sweep}' --set training.epochs=1 --home '{own.home}' --seeds 2" in own.said


def test_both_losses_train_on_four_classes_whose_probabilities_add_up_to_one(own: OwnSweep) -> None:
    table = ResultTable.open("tickets", own.home)
    assert [arm["class_names"] for arm in table.plan["arms"]] == [list(TOPICS)] * 2
    frame = table.frame
    assert list(frame["arm"]) == ["loss=cross_entropy", "loss=binary_cross_entropy"]
    assert list(frame["status"]) == ["finished", "finished"]
    chances = [column for column in table.predictions("test") if column.startswith("log_probability")]
    assert len(chances) == len(TOPICS)
    log_probabilities = table.predictions("test")[chances].to_numpy()
    np.testing.assert_allclose(np.exp(log_probabilities).sum(axis=1), 1, rtol=1e-6)


def strict_json(text: str):
    """The text as JSON, which knows no NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_compare_gives_json_with_every_arm_and_nothing_else(own: OwnSweep, call: Call) -> None:
    said = call("compare", "tickets", "--json", "--home", str(own.home))
    assert (said.code, said.err) == (0, "")
    compared = strict_json(said.out)
    assert (compared["sweep"], compared["decides"]) == ("tickets", "test_accuracy")
    arms = compared["metrics"]["test_accuracy"]
    assert [(arm["arm"], arm["n"], arm["diverged"], arm["missing"]) for arm in arms] == [
        ("loss=cross_entropy", 1, 0, 0),
        ("loss=binary_cross_entropy", 1, 0, 0),
    ]
    table = ResultTable.open("tickets", own.home).frame
    assert [arm["mean"] for arm in arms] == list(table["test_accuracy"])
    assert [arm["sd"] for arm in arms] == [None, None]  # of one run there is none


def test_compare_shows_the_best_epochs_apart_and_the_run_does_not(own: OwnSweep, call: Call) -> None:
    heading = "best epoch of each run by validation accuracy, % (never decides)"
    assert heading in call("compare", "tickets", "--home", str(own.home)).out
    assert heading not in own.said
    assert f"**{heading}**" in (own.home / "sweeps/tickets/report/report.md").read_text()
    best = strict_json(call("compare", "tickets", "--json", "--home", str(own.home)).out)["best_epoch"]
    frame = ResultTable.open("tickets", own.home).frame
    assert [arm["mean"] for arm in best["best_validation_accuracy"]] == list(frame["best_validation_accuracy"])
    assert [arm["max"] for arm in best["best_epoch"]] == [1, 1]


def test_plan_knows_what_is_done(own: OwnSweep, call: Call) -> None:
    words = ("plan", str(own.home.parent / "tickets.yaml"), "--set", "training.epochs=1", "--home", str(own.home))
    said = call(*words, "--seeds", "2", "--json")
    assert (said.code, said.err) == (0, "")
    planned = strict_json(said.out)
    assert (planned["done"], planned["begun"], planned["new"]) == (2, 0, 2)
    assert planned["seconds_left"] > planned["start_seconds"] > 0
    nothing_left = strict_json(call(*words, "--seeds", "1", "--json").out)
    assert (nothing_left["seconds_left"], nothing_left["start_seconds"]) == (0, 0)
    assert "expected time" not in call(*words, "--seeds", "1").out


def test_resume_of_what_is_done_trains_nothing(own: OwnSweep, call: Call) -> None:
    words = (str(own.home.parent / "tickets.yaml"), "--seeds", "1", "--set", "training.epochs=1")
    said = call("resume", *words, "--home", str(own.home))
    assert (said.code, said.err) == (0, "")
    assert "2 of 2 cells finished (2 before, 0 in" in said.out


# predict


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
    "a CSV with an empty text": (
        ["--csv", "a.csv", "--text-column", "txt"],
        "a.csv: column 'txt' is empty in row 2 (1 of 2 rows); leave such rows out",
    ),
    "a CSV that is not UTF-8": (
        ["--csv", "latin1.csv"],
        "…/latin1.csv is not UTF-8: invalid continuation byte (byte 0xe9); save it as UTF-8, for example with: …",
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
