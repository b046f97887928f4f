"""A sweep that is asked to stop, alone or with all processes of its job: in time, in order, and nothing is lost."""

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from ledger import assert_as_undisturbed
from processes import PATIENCE_S, TINY_QUICKSTART
from recorded import statuses
from without_ray import start_without_ray

from orchestrator.results import ResultTable
from orchestrator.store import CellStore, Home, SweepStore

IN_TIME_S = 12.0
"""10 s are promised, unless the sweep says otherwise; a test machine may have other things to do."""
LONGER = ("--set", "resources.stop_within_s=300")
"""For what is promised of the end in order, however busy the machine."""


def wait_for(home: Path, pattern: str, process: "subprocess.Popen[str]") -> None:
    while not list(home.glob(pattern)):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def assert_nothing_begun_is_lost(home: Path) -> None:
    """Each cell under way has a checkpoint of where it was: after its last epoch, or in the middle of one."""
    store = Home.at(home).store()
    if not SweepStore(store).names():
        return  # it had not come so far
    cells = CellStore(store)
    table = ResultTable.open("quickstart", home)
    begun = [key for key in table.frame["key"] if cells.sessions(key) and not cells.is_done(key)]
    for key in begun:
        history = cells.history(key)
        newest = cells.newest_try(key).checkpoints.newest(at_most=len(history))
        assert newest is not None
        assert newest.epochs_done == len(history)


@pytest.mark.parametrize(
    ("number", "to_group"),
    [
        (signal.SIGTERM, True),
        pytest.param(signal.SIGINT, False, marks=pytest.mark.campaign),  # as in end_to_end/test_quickstart.py
        pytest.param(signal.SIGTERM, False, marks=pytest.mark.campaign),
        pytest.param(signal.SIGUSR1, True, marks=pytest.mark.campaign),
        pytest.param(signal.SIGUSR1, False, marks=pytest.mark.campaign),
        pytest.param(signal.SIGINT, True, marks=pytest.mark.campaign),
        pytest.param(signal.SIGHUP, True, marks=pytest.mark.campaign),
    ],
)
def test_a_sweep_that_is_asked_to_stop_keeps_every_step_and_goes_on_to_the_same_bits(
    number, to_group, tmp_path, start_seedwise, here, undisturbed_home
):
    process = start_seedwise(*TINY_QUICKSTART, *LONGER, home=tmp_path, start_new_session=True)
    wait_for(tmp_path, "cells/*/history/0001.json", process)
    (os.killpg if to_group else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 128 + number, out + err
    assert f"stopped: {number.name} received" in out
    assert "run the same command to go on" in out
    assert err == ""
    assert_nothing_begun_is_lost(tmp_path)

    here(*TINY_QUICKSTART, home=tmp_path)
    fault = f"{number.name} to {'the whole process group' if to_group else 'the driver'}"
    assert_as_undisturbed(fault, tmp_path, undisturbed_home)


@pytest.mark.parametrize(
    ("number", "to_group", "later_s"),
    [
        (signal.SIGTERM, True, 0.0),
        *(
            pytest.param(number, to_group, later_s, marks=pytest.mark.campaign)
            for number, to_group, later_s in [
                (signal.SIGTERM, True, 1.0),
                (signal.SIGTERM, False, 0.0),
                (signal.SIGTERM, False, 1.0),
                (signal.SIGUSR1, True, 0.0),
                (signal.SIGUSR1, False, 0.0),
                (signal.SIGINT, True, 0.0),
                (signal.SIGINT, False, 0.0),
            ]
        ),
    ],
)
def test_a_sweep_that_is_asked_to_stop_while_ray_starts_ends_in_words_and_goes_on(
    number, to_group, later_s, request, tmp_path, start_seedwise
):
    """Ray puts handlers of its own over ours, and would end the process without a word or abort it."""
    process = start_seedwise(*TINY_QUICKSTART, *LONGER, home=tmp_path, start_new_session=True)
    while "raylet" not in {child.name() for child in psutil.Process(process.pid).children()}:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    time.sleep(later_s)
    (os.killpg if to_group else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 128 + number, out + err
    assert f"stopped: {number.name} received" in out + err
    assert "run the same command to go on" in out + err
    assert "***" not in out + err  # as Ray's dump of the stack begins
    assert_nothing_begun_is_lost(tmp_path)

    if request.node.get_closest_marker("campaign"):
        here, undisturbed = map(request.getfixturevalue, ("here", "undisturbed_home"))
        here(*TINY_QUICKSTART, home=tmp_path)
        whom = "the whole process group" if to_group else "the driver"
        assert_as_undisturbed(f"{number.name} to {whom} while Ray starts", tmp_path, undisturbed)


@pytest.mark.campaign  # on a machine that has the time for it: end_to_end/test_quickstart.py
def test_a_sweep_that_is_asked_to_stop_ends_in_time_and_loses_an_epoch_at_most(
    tmp_path, start_seedwise, here, undisturbed_home
):
    process = start_seedwise(*TINY_QUICKSTART, home=tmp_path)
    wait_for(tmp_path, "cells/*/history/0001.json", process)
    asked_at = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - asked_at < IN_TIME_S
    assert process.returncode == 128 + signal.SIGTERM, out + err
    assert "Traceback" not in out + err
    here(*TINY_QUICKSTART, home=tmp_path)
    assert_as_undisturbed("SIGTERM to the driver", tmp_path, undisturbed_home)


@pytest.mark.campaign
@pytest.mark.parametrize("to_group", [True, False])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT])
def test_a_second_signal_ends_at_once_and_does_no_harm(
    number, to_group, tmp_path, start_seedwise, here, undisturbed_home
):
    process = start_seedwise(*TINY_QUICKSTART, *LONGER, home=tmp_path, start_new_session=True)
    wait_for(tmp_path, "cells/*/history/0001.json", process)
    while process.poll() is None:
        (os.killpg if to_group else os.kill)(process.pid, number)
        time.sleep(0.05)
    _, err = process.communicate()
    # In the fifth of a second in which Ray ends SIGTERM is the system's, which ends the process, too.
    by_the_system = number == signal.SIGTERM and process.returncode == -number
    assert by_the_system or process.returncode == 128 + number, err
    assert by_the_system or "ended at once" in err

    here(*TINY_QUICKSTART, home=tmp_path)
    whom = "the whole process group" if to_group else "the driver"
    assert_as_undisturbed(f"{number.name} again and again to {whom}", tmp_path, undisturbed_home)


def test_a_process_that_cannot_end_in_order_ends_all_the_same():
    hangs = """
import time
from orchestrator.run import stopping
switch = stopping.StopSwitch(stop_within_s=1.0)
switch.end_process_in_time()
with switch.installed(), switch.polled():
    print("ready", flush=True)
    while True:  # as a cluster that no longer answers would have it
        time.sleep(60)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", hangs], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    asked_at = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - asked_at > 0.4
    assert process.returncode == 128 + signal.SIGTERM
    assert "stopped: SIGTERM received; it could not end in order in time\n" in err


def test_a_terminal_that_is_closed_stops_the_sweep_in_order(tmp_path: Path, here, undisturbed_home: Path) -> None:
    """Nobody is there to read what it says, and each word that it says is an error."""
    ours, theirs = pty.openpty()
    process = start_without_ray(tmp_path, "", *LONGER, terminal=theirs)
    os.close(theirs)
    os.set_blocking(ours, False)
    said = b""
    while not list(tmp_path.glob("cells/*/history/0001.json")):
        assert process.poll() is None, said
        with contextlib.suppress(BlockingIOError):
            said += os.read(ours, 4096)
        time.sleep(0.01)
    os.close(ours)
    assert process.wait(timeout=PATIENCE_S) == 128 + signal.SIGHUP
    assert "RUNNING" not in {status for status, _ in statuses(tmp_path).values()}
    assert_nothing_begun_is_lost(tmp_path)

    here(*TINY_QUICKSTART, home=tmp_path)
    assert_as_undisturbed("terminal closed (SIGHUP)", tmp_path, undisturbed_home)
