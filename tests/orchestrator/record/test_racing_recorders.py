"""Two processes record one sweep at once, as if on two hosts: one parent, one child a cell, whoever is first.

Each stops before it makes a run until the other does so too, or a second has passed: without a lock between finding
and making, both make it.
"""

import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from exactly_once import assert_exactly_once, assert_sync_changes_nothing
from hand_made import HandMadeSweep
from mlflow_server import MlflowServer
from processes import PATIENCE_S

RACER = """
import socket, sys, time
from pathlib import Path
home, name, uri, meeting, me, other = sys.argv[1:]
socket.gethostname = lambda: f"host-{me}"

from orchestrator.record import sync_sweep
from orchestrator.record.imported import import_mlflow
from orchestrator.record.tracking import MlflowTracking
from orchestrator.store import Home

import_mlflow()
made, make = 0, MlflowTracking.make

def meet(point, for_s):
    Path(meeting, f"{point}-{me}").touch()
    until = time.monotonic() + for_s
    while not Path(meeting, f"{point}-{other}").exists() and time.monotonic() < until:
        time.sleep(0.01)

def make_together(*arguments):
    global made
    made += 1
    meet(f"create-{made}", for_s=1.0 if made <= 2 else 0.0)
    return make(*arguments)

MlflowTracking.make = make_together
meet("start", for_s=60.0)
state = sync_sweep(Home(Path(home)), name, uri)
print(state.recorded, state.behind, state.error, made)
"""


@pytest.mark.parametrize("at", ["database", pytest.param("server", marks=pytest.mark.campaign)])
def test_two_processes_that_make_the_same_runs_make_each_once(
    at: str, sweep: HandMadeSweep, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server: MlflowServer | None = request.getfixturevalue("mlflow_server") if at == "server" else None
    uri = sweep.home.tracking_uri if server is None else server.uri
    raced = HandMadeSweep(sweep.home, f"sweep-{uuid.uuid4().hex[:8]}", uri=uri)
    for key in raced.keys:
        raced.finish(key)
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    place = (str(raced.home.root), raced.name, uri, str(meeting))
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, *place, me, other],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for me, other in ("ab", "ba")
    ]
    said = [racer.communicate(timeout=PATIENCE_S) for racer in racers]

    assert {(out[: len("4 0  ")], err) for out, err in said} == {("4 0  ", "")}
    assert sum(int(out.split()[-1]) for out, _ in said) == 1 + len(raced.keys), "the sweep's own by either of them"
    assert_exactly_once(raced)
    assert_sync_changes_nothing(raced)
