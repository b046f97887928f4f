"""A trial's process dies; the driver lives, and has another take the cell up from its last epoch."""

import os
import signal
import time
from pathlib import Path

from ledger import assert_as_undisturbed
from processes import PATIENCE_S, TINY_QUICKSTART


def descendants_named(pid: int, name: str) -> list[int]:
    """Processes below `pid` whose title holds the name."""
    parents, titles = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            titles[int(entry.name)] = (entry / "cmdline").read_text()
        except OSError:  # it has ended meanwhile
            continue
    below, found = [pid], []
    while below:
        below = [child for child, parent in parents.items() if parent in below]
        found += [child for child in below if name in titles[child]]
    return found


def test_a_killed_worker_costs_an_epoch_at_most_and_nobody_notices(tmp_path, start_seedwise, undisturbed_home):
    process = start_seedwise(*TINY_QUICKSTART, home=tmp_path)
    while not list(tmp_path.glob("cells/*/checkpoint/000001-*")):
        assert process.poll() is None
        time.sleep(0.02)
    while not (workers := descendants_named(process.pid, "ray::CellTrial")):  # a title is empty while it changes
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(workers[0], signal.SIGKILL)
    out, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0, out + err
    assert_as_undisturbed("worker killed (SIGKILL)", tmp_path, undisturbed_home, kills=1)
