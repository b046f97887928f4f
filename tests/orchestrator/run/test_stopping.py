"""Being asked to stop, in a process of its own: what the first signal does, what the second does, and nohup."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from orchestrator.run.last_resort import REPEATED_WITHIN_S
from orchestrator.run.stopping import StopRequested, StopSwitch

SCRIPT = """
import time
from orchestrator.run.stopping import StopSwitch

switch = StopSwitch()
with switch.installed(), switch.polled():
    print("installed", flush=True)
    while not switch.reason:
        time.sleep(0.01)
    print(switch.reason, flush=True)
    if input() == "in order":
        raise SystemExit(switch.exit_code)
    time.sleep(60)
"""
Sweep = subprocess.Popen[str]


@pytest.fixture
def start() -> Iterator[Callable[..., Sweep]]:
    """Starts something that can be stopped, by a command such as nohup, and waits until it hears signals."""
    started: list[Sweep] = []

    def start(*by: str) -> Sweep:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen([*by, sys.executable, "-c", SCRIPT], text=True, **pipes)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "installed\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def heard(process: Sweep) -> str:
    """What it says of the signal that it has heard."""
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP], ids=lambda number: number.name
)
def test_the_first_signal_asks_and_leaves_with_the_code_that_shells_give_it(
    number: signal.Signals, start: Callable[..., Sweep]
) -> None:
    process = start()
    process.send_signal(number)
    assert heard(process) == f"{number.name} received\n"
    assert process.communicate("in order\n", timeout=20) == ("", "")
    assert process.returncode == 128 + number


@pytest.mark.parametrize(
    ("first", "second"),
    [(signal.SIGINT, signal.SIGINT), (signal.SIGINT, signal.SIGTERM), (signal.SIGHUP, signal.SIGINT)],
    ids=lambda number: number.name,
)
def test_the_second_signal_ends_the_process_at_once_and_says_that_nothing_is_lost(
    first: signal.Signals, second: signal.Signals, start: Callable[..., Sweep]
) -> None:
    process = start()
    process.send_signal(first)
    assert heard(process) == f"{first.name} received\n"
    if second == first:
        time.sleep(REPEATED_WITHIN_S)  # else it is taken for the first once more
    process.send_signal(second)  # while it waits for a word
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (128 + second, "")
    assert err == "ended at once; nothing that was stored is lost, and the same command goes on\n"


def test_a_signal_that_comes_twice_at_the_same_moment_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """`timeout` sends one to the process, and to the group that the process is of."""
    monkeypatch.setattr(os, "_exit", lambda code: pytest.fail(f"it ended at once with {code}"))
    switch = StopSwitch()
    with switch.installed():
        with pytest.raises(StopRequested):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)  # while it ends in order, which a second StopRequested would break off
    assert switch.exit_code == 128 + signal.SIGTERM


def test_under_nohup_a_closed_terminal_stops_nothing_and_ctrl_c_still_does(start: Callable[..., Sweep]) -> None:
    process = start("nohup")
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    assert heard(process) == "SIGTERM received\n"  # not SIGHUP, which has come before
    process.send_signal(signal.SIGHUP)
    process.communicate("in order\n", timeout=20)
    assert process.returncode == 128 + signal.SIGTERM


def test_tunes_own_handlers_are_refused_and_everything_is_as_it_was_afterwards() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    switch = StopSwitch()
    with switch.installed(), switch.polled():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # as Tune does when it starts
        with switch.installed():
            pass  # by somebody further in
        signal.raise_signal(signal.SIGINT)
    assert switch.reason == "SIGINT received"
    assert {number: signal.getsignal(number) for number in before} == before


def test_a_reason_without_a_signal_stops_with_code_1_and_the_first_reason_is_kept() -> None:
    switch = StopSwitch()
    assert not switch.reason
    switch.request("no space is left on its disk")
    switch.request("something else")
    assert switch.reason == "no space is left on its disk"
    assert (switch.exit_code, switch.signal) == (1, None)


def test_no_handler_of_errors_on_the_way_can_swallow_the_stop() -> None:
    assert not issubclass(StopRequested, Exception)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP])
def test_where_nobody_asks_a_signal_ends_what_goes_on(number: signal.Signals) -> None:
    switch = StopSwitch()
    with switch.installed():
        with pytest.raises(StopRequested, match=number.name):
            signal.raise_signal(number)
        with pytest.raises(StopRequested):
            switch.raise_if_signalled()
    assert switch.exit_code == 128 + number


def test_what_a_store_refused_ends_a_loop_that_asks_and_nothing_else() -> None:
    switch = StopSwitch()
    switch.request("no space is left on its disk")
    switch.raise_if_signalled()
    with pytest.raises(StopRequested):
        switch.raise_if_asked()


def test_of_the_time_that_a_signal_gives_the_trials_have_what_the_end_does_not_need() -> None:
    assert StopSwitch().grace_s == 4.0
    assert StopSwitch(stop_within_s=120).grace_s == 114.0
    switch = StopSwitch()
    with switch.installed(), switch.polled():
        signal.raise_signal(signal.SIGTERM)
    assert 0 < switch.grace_s < 4.0, "what has passed since is gone"
