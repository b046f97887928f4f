"""`seedwise audit`: a paper's table, given in a file or in words, and what is said of it."""

import json
import re
import shlex
from pathlib import Path

import pytest
from said import Call

PAGE = Path(__file__).parents[3] / "docs/results/paper_audit.md"
HEADER = "arm,n,min,mean,median,max\n"
A, B = "a: min=80 mean=81 max=82", "b: min=60 mean=61 max=62"


def test_the_page_on_the_paper_shows_what_its_command_prints(call: Call) -> None:
    _, command, _, printed, _ = re.split(r"```(?:sh)?\n", PAGE.read_text("utf-8"))
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:2] == ["seedwise", "audit"]
    said = call(*words[1:])
    assert (said.code, said.err) == (0, "")
    assert said.out.split() == printed.split()


def audited(call: Call, *words: str, items: int = 100) -> dict:  # type: ignore[type-arg]
    said = call("audit", "--items", str(items), "--json", *words)
    assert (said.code, said.err) == (0, "")
    found: dict = json.loads(said.out)  # type: ignore[type-arg]
    return found


def test_a_file_says_the_same_as_words(call: Call) -> None:
    in_words = audited(call, "--n", "5", "--a", A, "--b", "b: n=4, min=60, mean=61, max=62")
    for separator, ending in ((",", "csv"), (";", "csv"), ("\t", "tsv")):
        table = Path(f"table.{ending}")
        rows = ["Arm,N,Min,Mean,Max,sd", "a,5,80,81,82,", " b , 4,60 %,61,62%,"]
        table.write_text("\n".join(rows).replace(",", separator) + "\n\n", encoding="utf-8-sig")
        assert audited(call, str(table)) == in_words
    assert [arm["n"] for arm in in_words["arms"]] == [5, 4]
    assert [arm["printed"]["max"] for arm in in_words["arms"]] == ["82", "62"]


def test_digits_are_kept_as_they_are_printed(call: Call) -> None:
    """86.10 and 86.1 are the same number, and not the same print."""
    Path("t.csv").write_text(HEADER + "a,5,85.48,86.10,86.32,86.52\nb,5,84.24,85.84,86.36,86.60\n")
    (reading,) = audited(call, "t.csv", items=2500)["readings"]
    assert reading["pairs"] == 84
    Path("t.csv").write_text(HEADER + "a,5,85.48,86.1,86.32,86.52\nb,5,84.24,85.84,86.36,86.60\n")
    assert [reading["pairs"] for reading in audited(call, "t.csv", items=2500)["readings"]] == [84, 497]


def test_arms_without_a_name_are_a_and_b(call: Call) -> None:
    found = audited(call, "--n", "3", "--a", "min=80 max=82", "--b", "min=60 max=62")
    assert [arm["name"] for arm in found["arms"]] == ["A", "B"]


def test_a_contradiction_is_an_answer_of_its_own(call: Call) -> None:
    words = ("audit", "--items", "100", "--n", "5", "--a", "a: min=80.5 mean=81.0 max=82.0", "--b", B)
    said = call(*words)
    assert (said.code, said.err) == (1, "")
    assert said.out == (
        "CONTRADICTION in a: min 80.5: no accuracy on 100 items rounds to it; the nearest are 80 and 81.\n"
    )
    said = call(*words, "--json")
    assert (said.code, said.err) == (1, "")
    assert json.loads(said.out)["contradictions"] == [
        {"arm": "a", "why": "min 80.5: no accuracy on 100 items rounds to it; the nearest are 80 and 81"}
    ]


def test_a_reading_that_nothing_agrees_with_is_said_to_be_ruled_out(call: Call) -> None:
    said = call(
        "audit", "--items", "30", "--n", "2", "--a", "a: min=33.3 max=36.67", "--b", "b: min=40.00 max=50.00"
    )
    assert said.code == 0
    assert "Reading A is ruled out: no runs agree with it." in said.out
    assert "33.3 is 33.30" in said.out


def test_a_reading_that_says_something_else_is_named(call: Call) -> None:
    arms = ("--a", "a: min=70.0 mean=75 max=80.0", "--b", "b: min=65.0 mean=70.0 max=75.0")
    said = call("audit", "--items", "100", "--n", "5", *arms)
    assert said.code == 0
    assert (
        "\nNOT DECIDED: whether the means differ. Welch's p is 0.043 to 0.187, depending on the runs (" in said.out
    )
    assert "\nBy reading A alone, on the means: NOT SHOWN.\n" in said.out


def test_a_sample_depends_on_its_seed_alone(call: Call) -> None:
    words = ("--n", "6", "--a", "a: min=70 mean=75 max=80", "--b", "b: min=60 mean=65 max=70", "--pairs", "20")
    first, again, other = (audited(call, *words, "--seed", seed) for seed in ("1", "1", "2"))
    assert first == again
    assert first["readings"] != other["readings"]
    assert 20 <= first["readings"][0]["looked_at"] < first["readings"][0]["pairs"]
    said = call("audit", "--items", "100", *words).out
    assert (
        "of them were looked at, drawn at random beside the extreme sets: the true ranges are at least as" in said
    )


REFUSED = {
    "two arms are needed: give a CSV file, or --a and --b": ["--a", A],
    "both t.csv and --a or --b are given; leave one of them out": ["t.csv", "--b", B],
    "t.csv cannot be read: No such file or directory": ["t.csv"],
    "--a: how many runs? Say --n 5, or n=5 with the arm": ["--a", A, "--b", B],
    "--a: '82' is no KEY=VALUE, such as mean=86.1": ["--a", "a: min=81 82", "--b", B],
    "--b: maen is no number that is audited; did you mean mean? (known: n, min, mean, median, max, sd)": [
        *("--n", "5", "--a", A, "--b", "b: maen=3"),
    ],
    "--a: min is given twice": ["--n", "5", "--a", "min=3 min=4", "--b", B],
    "--a: min: '-3' is no number as a table of accuracies prints it, such as 86.10": [
        *("--n", "5", "--a", "min=-3 max=5", "--b", B),
    ],
    "--a: n is 'five'; it must be a number of runs": ["--a", "n=five min=3 max=5", "--b", B],
    "a: n is 1; there is nothing to audit in fewer than 2 runs": ["--n", "1", "--a", A, "--b", B],
    "a: n is 1,001; at most 1,000 runs are audited": ["--n", "1001", "--a", A, "--b", B],
    "a: min, mean is given, which leaves the runs free; give min and max, or mean and sd": [
        *("--n", "5", "--a", "a: min=80 mean=81", "--b", B),
    ],
    "a: max is 820; no accuracy in percent is above 100": ["--n", "5", "--a", "a: min=80 max=820", "--b", B],
    "a: min is 80; no accuracy in share is above 1": ["--n", "5", "--unit", "share", "--a", A, "--b", B],
    "no number is above 1: are they shares or percent? Say --unit share or percent": [
        *("--n", "5", "--a", "min=.8 max=.9", "--b", "min=.7 max=.8"),
    ],
    "both arms are called a; give each a name of its own": ["--n", "5", "--a", A, "--b", A],
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_cannot_be_audited_is_refused(message: str, call: Call) -> None:
    said = call("audit", "--items", "100", *REFUSED[message])
    assert (said.code, said.out, said.err) == (2, "", f"error: {message}\n")


def test_a_number_of_items_that_cannot_be_is_refused(call: Call) -> None:
    for items in ("0", "10000001"):
        said = call("audit", "--items", items, "--n", "5", "--a", A, "--b", B)
        assert said.code == 2
        assert said.err.startswith(f"error: the number of items is {int(items):,}; it must be how many items each")


FILES = {
    "t.csv: 1 rows under arm, n, min, mean, median, max; it must be two, one for each arm, under a header with the "
    "column arm": HEADER + "a,5,80,81,81,82\n",
    "t.csv: 0 rows under no header; it must be two, one for each arm, under a header with the column arm": "\n",
    "t.csv: there is no column 'loss' in such a table (known: arm, n, min, mean, median, max, sd)": "loss\na\nb",
    "t.csv: there are two columns min": "arm,min,min\na,5,5\nb,5,5",
    "t.csv, row 2: 2 cells under 6 columns": HEADER + "a,5,80,81,81,82\nb,5\n",
    "t.csv, row 1: mean: '81±1' is no number as a table of accuracies prints it, such as 86.10": HEADER
    + "a,5,80,81±1,81,82\nb,5,80,81,81,82\n",
}


@pytest.mark.parametrize("message", FILES)
def test_a_file_that_is_no_such_table_is_refused(message: str, call: Call) -> None:
    Path("t.csv").write_text(FILES[message], encoding="utf-8")
    said = call("audit", "--items", "100", "t.csv")
    assert (said.code, said.out, said.err) == (2, "", f"error: {message}\n")


def test_a_file_in_another_encoding_is_refused(call: Call) -> None:
    Path("t.csv").write_bytes("arm,n,min,max\nä,5,3,4".encode("latin-1"))
    said = call("audit", "--items", "100", "t.csv")
    assert (said.code, said.err) == (2, "error: t.csv is not UTF-8 (byte 0xe4); convert it\n")
