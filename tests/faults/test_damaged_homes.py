"""What is more than a cell's records: plans damaged, cells emptied, locks and scraps left behind.

Said in words, gone around, and in the end as if nothing had been.
"""

import os
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cells import assert_same_bits
from harmed_homes import ARM, FROM_THE_START, Harmed, assert_as_if_nothing_had_been, flip
from processes import TINY_QUICKSTART
from recorded import assert_recorded_once
from said import Call

from orchestrator.results import ResultTable
from orchestrator.store import Holder, LocalStore
from orchestrator.store.base import seal
from orchestrator.store.damage import note_damage


def test_a_damaged_plan_is_said_and_written_anew(harmed: Callable[[Path], Harmed], call: Call, done: Path) -> None:
    home = harmed(done)
    flip(home.root / "sweeps/small/plan.json")
    said = call("compare")
    assert said.code == 2
    assert "the plan of small is damaged; seedwise run small writes it anew" in said.err
    assert "damaged: the plan of small is not what was written (kept as " in said.err
    assert "; the next run of small writes it anew" in said.err
    said = call("run")
    assert "damaged: the plan of small is not what was written" in said.err
    assert "; it has been written anew" in said.err
    assert_as_if_nothing_had_been(call, home.root, done)


def test_a_damaged_note_of_what_was_planned_is_said(
    harmed: Callable[[Path], Harmed], call: Call, done: Path
) -> None:
    home = harmed(done)
    flip(home.root / "sweeps/small/planned/0001.json")
    said = call("run")
    assert "damaged: sweeps/small/planned/0001.json is not what was written (kept as " in said.err
    assert "; nobody knows what it said, so that verdicts on runs of small are judged as a later look's" in said.err
    assert_as_if_nothing_had_been(call, home.root, done)


@pytest.mark.parametrize(
    "record", ["record/home-id.json", "sweeps/home-id-copy.json", "sweeps/small/record/000001.json"]
)
def test_damage_that_costs_nothing_is_said_to_cost_nothing(
    record: str, harmed: Callable[[Path], Harmed], call: Call, done: Path
) -> None:
    home = harmed(done)
    note_damage(LocalStore(home.root), record, b"half of i")
    said = call("compare")
    assert f"damaged: {record} is not what was written (kept as " in said.err
    assert said.err.endswith("; nothing is lost by it\n")
    assert call("compare").err == ""


def test_an_emptied_cell_is_said_and_trained_again_while_the_others_stand(
    harmed: Callable[[Path], Harmed], call: Call, done: Path
) -> None:
    home = harmed(done)
    shutil.rmtree(home.cell)
    home.cell.mkdir()
    said = call("run")
    assert said.err == (
        f"damaged: {ARM}: settings.json is missing, and with it all of the cell; {FROM_THE_START}\n"
    )
    assert "1 before, 1 in" in said.out
    assert_as_if_nothing_had_been(call, home.root, done)


def test_locks_that_a_dead_process_has_left_hold_nobody_up(
    harmed: Callable[[Path], Harmed], call: Call, begun: Path, done: Path
) -> None:
    home = harmed(begun)
    dead = Holder.this_process(time.time()).model_copy(update={"pid": 2**22 + 1, "host": socket.gethostname()})
    (home.cell / "lease" / "000007.json").write_bytes(seal(dead.model_dump()))
    for lock in ("mlflow.lock", "sweeps/small/record.lock"):
        (home.root / lock).touch()
    started = time.monotonic()
    said = call("run")
    assert (said.code, said.err) == (0, "")
    assert time.monotonic() - started < 50, "it waited for the lease to expire"
    assert_as_if_nothing_had_been(call, home.root, done)


def test_what_kills_leave_is_tidied_away_by_the_next_run(
    harmed: Callable[[Path], Harmed], call: Call, begun: Path, done: Path
) -> None:
    home = harmed(done)
    (checkpoint, _) = Harmed(begun).records("checkpoint/*")
    (home.cell / "checkpoint").mkdir(exist_ok=True)
    shutil.copy(checkpoint, home.cell / "checkpoint")
    old, new = home.cell / "files/.aside-0123", home.cell / "history/.aside-4567"
    for aside in (old, new):
        aside.write_bytes(b"half of i")
    os.utime(old, (time.time() - 7200,) * 2)
    assert call("run").err == ""
    assert not old.exists()
    assert new.exists(), "somebody may be writing it"
    assert list((home.cell / "checkpoint").glob("*")) == []
    assert_as_if_nothing_had_been(call, home.root, done)


def test_what_file_managers_and_synchronisers_put_beside_records_is_no_record(
    harmed: Callable[[Path], Harmed], call: Call, begun: Path, done: Path
) -> None:
    home = harmed(begun)
    for folder in ("history", "sessions", "lease", "failures"):
        (home.cell / folder).mkdir(exist_ok=True)
        for name in ("desktop.ini", "0002 (conflicted copy).json", "0002.json.tmp", "Thumbs.db"):
            (home.cell / folder / name).write_bytes(b"not a record")
    (home.root / "sweeps/small/looks").mkdir(exist_ok=True)
    (home.root / "sweeps/small/looks/desktop.ini").write_bytes(b"not a record")
    said = call("run")
    assert (said.code, said.err) == (0, "")
    assert call("report").err == ""
    assert_as_if_nothing_had_been(call, home.root, done)
    assert (home.cell / "history/desktop.ini").exists()


# Several at once, of the tiny quickstart.


def test_a_sweep_with_several_damaged_cells_is_whole_after_one_command(
    tmp_path: Path, here: Any, undisturbed_home: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(undisturbed_home, home, ignore=shutil.ignore_patterns("mlflow.*", "artifacts"))
    one, two, three, four = sorted((home / "cells").iterdir())
    cells = ResultTable.open("quickstart", home).frame.set_index("key")
    arm, seed = cells.loc[four.name, ["arm", "seed"]]
    flip(next(four.glob("files/weights-*")))
    asked = here("predict", "quickstart", "A dull film.", "--arm", arm, "--seed", str(seed), home=home, code=2)
    assert f"damaged: {arm}, seed {seed}: files/weights-" in asked.stderr
    flip(one / "result.json")
    next(two.glob("files/test-*")).unlink()
    shutil.rmtree(three)
    said = here(*TINY_QUICKSTART, home=home)
    assert "Traceback" not in said.stdout + said.stderr + asked.stderr
    assert said.stderr.count("damaged: ") == said.stderr.count(FROM_THE_START) == 3, said.stderr
    assert "4 of 4 cells finished (0 before, 4 in" in said.stdout
    assert_same_bits(ResultTable.open("quickstart", home), ResultTable.open("quickstart", undisturbed_home))
    assert_recorded_once(home, "quickstart", epochs=2)
