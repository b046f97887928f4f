"""Two who work on one cell: at once, because nothing keeps them apart; or one frozen, taken over, and back."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger import assert_as_undisturbed
from processes import PATIENCE_S, TINY_QUICKSTART
from without_ray import ended, start_without_ray, wait_for

from orchestrator.results import ResultTable
from orchestrator.store import LocalStore
from orchestrator.store.base import seal

BEGINNING_TOGETHER = """
import os, pathlib, time
from orchestrator.run import cell_work

class NoLease(cell_work.Lease):
    def acquire(self, **how):
        return self

cell_work.Lease = NoLease

def disturb(cell, number):
    meeting = pathlib.Path({meeting!r})
    (meeting / f"{{cell.key}} {{os.getpid()}}").touch()
    while len(list(meeting.glob(f"{{cell.key}} *"))) < 2:
        time.sleep(0.002)
"""


def test_two_writers_of_every_cell_at_once_leave_what_one_would(tmp_path: Path, undisturbed_home: Path) -> None:
    """The cells' leases are taken away. Whoever records has one, too, which is left to them."""
    home, meeting = tmp_path / "home", tmp_path / "meeting"
    meeting.mkdir()
    sabotage = BEGINNING_TOGETHER.format(meeting=str(meeting))
    both = [start_without_ray(home, sabotage) for _ in range(2)]
    for process in both:
        ended(process)
    table = ResultTable.open("quickstart", home)
    sessions = [len(table.cells.sessions(key)) for key in table.frame["key"]]
    assert max(sessions) == 2, "they were to work side by side"
    assert_as_undisturbed("two writers of every cell at once, without leases", home, undisturbed_home)


def test_a_process_that_was_frozen_while_another_finished_its_cell_changes_nothing(
    tmp_path: Path, undisturbed_home: Path, here
) -> None:
    frozen = start_without_ray(tmp_path)
    wait_for(tmp_path, "cells/*/history/0001.json", frozen)
    frozen.send_signal(signal.SIGSTOP)
    try:
        let_leases_expire(tmp_path)
        here(*TINY_QUICKSTART, home=tmp_path)
        done = {path: path.read_bytes() for path in tmp_path.glob("cells/*/result.json")}
        assert len(done) == 4
    finally:
        frozen.send_signal(signal.SIGCONT)
    ended(frozen)
    assert {path: path.read_bytes() for path in tmp_path.glob("cells/*/result.json")} == done
    assert_as_undisturbed("process frozen (SIGSTOP), its cell taken over, and back", tmp_path, undisturbed_home)


def let_leases_expire(home: Path) -> None:
    """As they do when a minute passes without a renewal."""
    store = LocalStore(home)
    for name in store.names(""):
        if "/lease/" in name or name.startswith(("sweeps/quickstart/record/", "sweeps/quickstart/drivers/")):
            data = store.read(name)
            assert data is not None
            holder = json.loads(data)["content"]
            store.replace(name, seal({**holder, "renewed": holder["renewed"] - 120.0}))


def test_two_drivers_at_once_train_each_cell_once_between_them(
    tmp_path: Path, undisturbed_home: Path, here: Callable[..., Any]
) -> None:
    both = [start_without_ray(tmp_path) for _ in range(2)]
    for process in both:
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode in (0, 1), out + err  # 1 where the other still has a cell in hand
        assert "Traceback" not in out + err
        assert process.returncode == 0 or "held: " in out
    here(*TINY_QUICKSTART, home=tmp_path)
    table = ResultTable.open("quickstart", tmp_path)
    assert [len(table.cells.sessions(key)) for key in table.frame["key"]] == [1] * 4
    assert_as_undisturbed("two drivers at once", tmp_path, undisturbed_home)
