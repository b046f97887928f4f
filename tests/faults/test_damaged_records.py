"""Records of a cell damaged by hand: said in words, gone around, and in the end as if nothing had been."""

from collections.abc import Callable
from pathlib import Path

import pytest
from harmed_homes import ARM, FROM_THE_START, Harm, Harmed, assert_as_if_nothing_had_been, cut, empty, flip, kept
from said import Call

FOUND_BY_RUN: dict[str, tuple[str, str, Harm, tuple[str, ...]]] = {
    "result flipped": ("done", "result.json", flip, ("result.json is not what was written", FROM_THE_START)),
    "result half written": ("done", "result.json", cut, ("result.json is not what was written", FROM_THE_START)),
    "result empty": ("done", "result.json", empty, ("result.json is not what was written", FROM_THE_START)),
    "weights missing": (
        "done",
        "files/weights-*",
        Path.unlink,
        ("files/weights-", " is missing, result.json has lost what belongs to it", FROM_THE_START),
    ),
    "predictions missing": (
        "done",
        "files/test-*",
        Path.unlink,
        ("files/test-", " is missing, result.json has lost what belongs to it", FROM_THE_START),
    ),
    "epoch missing": (
        "done",
        "history/0002.json",
        Path.unlink,
        ("history/0002.json is missing, result.json has lost what belongs to it", FROM_THE_START),
    ),
    "session flipped": (
        "done",
        "sessions/0001.json",
        flip,
        ("sessions/0001.json is not what was written", "the cell itself is whole"),
    ),
    "newest checkpoint flipped": (
        "begun",
        "checkpoint/000002-*",
        flip,
        ("checkpoint/000002-", "it went on after epoch 1 and is finished"),
    ),
    "newest checkpoint cut short": (
        "begun",
        "checkpoint/000002-*",
        cut,
        ("checkpoint/000002-", "it went on after epoch 1 and is finished"),
    ),
    "all checkpoints damaged": (
        "begun",
        "checkpoint/*",
        empty,
        ("checkpoint/000001-", "checkpoint/000002-", FROM_THE_START),
    ),
    "newest epoch flipped": (
        "begun",
        "history/0002.json",
        flip,
        ("history/0002.json is not what was written", "it went on after epoch 1 and is finished"),
    ),
    "newest epoch half written": (
        "begun",
        "history/0002.json",
        cut,
        ("history/0002.json is not what was written", "it went on after epoch 1 and is finished"),
    ),
    "first epoch flipped": (
        "begun",
        "history/0001.json",
        flip,
        ("history/0001.json is not what was written", FROM_THE_START),
    ),
    "lease flipped": (
        "begun",
        "lease/*",
        flip,
        ("lease/000001.json is not what was written", "it went on after epoch 2 and is finished"),
    ),
}
"""Home, which records, how they are damaged, what is said."""


@pytest.mark.parametrize("case", FOUND_BY_RUN)
def test_run_finds_the_damage_says_so_and_ends_as_if_nothing_had_been(
    case: str, harmed: Callable[[Path], Harmed], call: Call, done: Path, begun: Path
) -> None:
    base, pattern, harm, says = FOUND_BY_RUN[case]
    home = harmed({"done": done, "begun": begun}[base])
    before = {path: path.read_bytes() for path in home.records(pattern)}
    for path in before:
        harm(path)
    damaged = [path.read_bytes() for path in before if path.exists()]
    said = call("run")
    assert said.code == 0, said
    assert said.err.startswith(f"damaged: {ARM}: "), said.err
    assert [piece for piece in says if piece not in said.err] == [], said.err
    assert said.err.count("\n") == 1
    assert all(bytes_ in [path.read_bytes() for path in kept(said, home.root)] for bytes_ in damaged)
    assert_as_if_nothing_had_been(call, home.root, done)


@pytest.mark.parametrize(
    ("command", "pattern", "harm", "error"),
    [
        ("predict", "files/weights-*", flip, "error: cells/…/files/weights-… is damaged or missing; "),
        ("predict", "files/weights-*", cut, "error: cells/…/files/weights-… is damaged or missing; "),
        ("predict", "settings.json", flip, "error: the record of cell … is damaged; "),
        ("sync", "files/test-*", flip, ""),
        ("compare", "files/validation-*", flip, ""),
        ("compare", "result.json", cut, ""),
    ],
)
def test_another_command_that_finds_it_says_so_and_the_next_run_mends_it(
    command: str, pattern: str, harm: Harm, error: str, harmed: Callable[[Path], Harmed], call: Call, done: Path
) -> None:
    home = harmed(done)
    (record,) = home.records(pattern)
    harm(record)
    damaged = record.read_bytes()
    said = call(command, *(["A fine film."] if command == "predict" else []))
    assert said.code == {"predict": 2, "sync": 1, "compare": 0}[command]
    name = record.relative_to(home.cell)
    assert f"damaged: {ARM}: {name} is not what was written (kept as {home.root}/damaged/" in said.err
    whole = pattern == "settings.json"
    assert ("the cell itself is whole" if whole else "the next run of the sweep trains it again") in said.err
    assert [piece for piece in error.split("…") if piece not in said.err] == []
    assert damaged in [path.read_bytes() for path in kept(said, home.root)]
    assert "damaged:" not in call(command, *(["A fine film."] if command == "predict" else [])).err  # said once
    mended = call("run")
    assert (mended.code, mended.err) == (0, "")
    assert ("2 before, 0 in" if whole else "1 before, 1 in") in mended.out
    assert_as_if_nothing_had_been(call, home.root, done)


@pytest.mark.parametrize(
    ("pattern", "said_next"),
    [("history/0002.json", f"damaged: {ARM}: history/0002.json is missing"), ("files/validation-*", "")],
)
def test_what_the_report_finds_damaged_of_a_done_cell_undoes_it_and_the_next_run_mends_it(
    pattern: str, said_next: str, harmed: Callable[[Path], Harmed], call: Call, done: Path
) -> None:
    home = harmed(done)
    (record,) = home.records(pattern)
    flip(record)
    said = call("run")
    assert f"damaged: {ARM}: {record.relative_to(home.cell)} is not what was written" in said.err
    assert "the next run of the sweep trains it again" in said.err
    assert said.code == 1
    assert "\n1 of 2 cells finished (1 before, 0 in the" in said.out
    assert "run the same command to go on\n" in said.out
    mended = call("run")
    assert mended.code == 0
    assert mended.err.startswith(said_next)
    assert bool(said_next) == (FROM_THE_START in mended.err)
    assert_as_if_nothing_had_been(call, home.root, done)
