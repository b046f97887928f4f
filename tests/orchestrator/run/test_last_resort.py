"""What ends a process that does not come to its end, by what is read in its pipe; and a process that hangs."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from processes import PATIENCE_S

from orchestrator.run import last_resort
from orchestrator.run.last_resort import LastResort
from orchestrator.run.stopping import StopSwitch

Ends = Callable[[float, Callable[[LastResort], None]], tuple[list[int], str]]


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Ends]:
    """With which exit codes, and in which words, it would end a process to which this happens."""
    codes: list[int] = []
    monkeypatch.setattr(last_resort, "AT_ONCE_S", 0.0)
    monkeypatch.setattr(last_resort.os, "_exit", codes.append)

    def ends(seconds_left: float, happens: Callable[[LastResort], None]) -> tuple[list[int], str]:
        resort = LastResort(lambda: seconds_left)
        resort.start()
        (waiting,) = (thread for thread in threading.enumerate() if thread.name == "last resort")
        assert waiting.daemon, "a process that comes to its end in order is not held up by it"
        happens(resort)
        waiting.join(PATIENCE_S)
        assert not waiting.is_alive()
        return codes, capfd.readouterr().err

    before = signal.set_wakeup_fd(-1)
    yield ends
    signal.set_wakeup_fd(before)


def test_after_one_signal_it_waits_for_what_the_signal_gave(ends: Ends) -> None:
    codes, said = ends(0.05, lambda resort: resort.tell(signal.SIGTERM))
    assert codes == [128 + signal.SIGTERM]
    assert said == (
        "stopped: SIGTERM received; it could not end in order in time\n"
        "nothing that was stored is lost; run the same command to go on\n"
    )


def test_the_second_signal_ends_it_at_once_with_its_own_code(ends: Ends) -> None:
    def twice(resort: LastResort) -> None:
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGCHLD, signal.SIGINT):  # a child's end is no signal
            resort.tell(number)

    codes, said = ends(2 * PATIENCE_S, twice)
    assert codes == [128 + signal.SIGINT]
    assert said == "ended at once; nothing that was stored is lost, and the same command goes on\n"


@pytest.mark.parametrize("came", [[], [signal.SIGTERM]], ids=["none", "one at the last moment"])
def test_once_the_signals_are_given_back_it_ends_nothing(came: list[int], ends: Ends) -> None:
    def given_back(resort: LastResort) -> None:
        for number in came:
            resort.tell(number)
        resort.dismiss()

    assert ends(2 * PATIENCE_S, given_back) == ([], "")


@pytest.mark.parametrize(
    ("numbers", "codes"),
    [
        ([signal.SIGTERM, signal.SIGTERM], []),
        ([signal.SIGTERM, signal.SIGTERM, signal.SIGINT], [128 + signal.SIGINT]),
    ],
    ids=["the same", "another after it"],
)
def test_a_signal_that_comes_twice_at_the_same_moment_is_not_taken_for_two(
    numbers: list[signal.Signals], codes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_resort, "AT_ONCE_S", 0.0)
    ended_with: list[int] = []
    monkeypatch.setattr(os, "_exit", ended_with.append)
    last = last_resort.LastResort(lambda: 60.0)
    last.start()
    (waiting,) = (thread for thread in threading.enumerate() if thread.name == "last resort")
    for number in numbers:
        last.tell(number)
    last.dismiss()
    waiting.join(PATIENCE_S)
    assert ended_with == codes


def test_before_it_ends_the_process_it_says_so_to_others_and_waits_for_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    happened: list[object] = []
    goes_on = threading.Event()

    def before_end() -> None:
        happened.append("told")
        goes_on.wait(20.0)  # for a disk that hangs
        happened.append("it goes on")

    monkeypatch.setattr(last_resort, "BEFORE_END_S", 0.05)
    monkeypatch.setattr(os, "_exit", happened.append)
    last = last_resort.LastResort(lambda: 0.06, before_end)
    last.start()
    (waiting,) = (thread for thread in threading.enumerate() if thread.name == "last resort")
    last.tell(signal.SIGTERM)
    waiting.join(PATIENCE_S)
    last.dismiss()
    assert happened == ["told", 128 + signal.SIGTERM]
    goes_on.set()


def test_a_process_that_ends_in_order_while_others_are_told_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ended_with: list[int] = []
    told = threading.Event()
    monkeypatch.setattr(last_resort, "BEFORE_END_S", PATIENCE_S)
    monkeypatch.setattr(os, "_exit", ended_with.append)
    last = last_resort.LastResort(lambda: PATIENCE_S, told.set)
    last.start()
    (waiting,) = (thread for thread in threading.enumerate() if thread.name == "last resort")
    last.tell(signal.SIGTERM)
    assert told.wait(PATIENCE_S)
    last.dismiss()
    waiting.join(PATIENCE_S)
    assert (waiting.is_alive(), ended_with) == (False, [])


def test_a_reader_who_has_stopped_and_a_log_whose_disk_hangs_do_not_keep_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(last_resort, "SAID_WITHIN_S", 0.01)
    monkeypatch.setattr(os, "write", lambda *_: goes_on.wait(PATIENCE_S))
    speaking = threading.Thread(target=last_resort.say_ended_at_once, daemon=True)
    speaking.start()
    speaking.join(2.0)
    waits = speaking.is_alive()
    goes_on.set()
    assert not waits


HANGS = """
import ctypes
from orchestrator.run import last_resort
from orchestrator.run.stopping import StopSwitch

last_resort.AT_ONCE_S = 0.1
switch = StopSwitch(stop_within_s={within_s})
with switch.installed(), switch.polled():
    switch.end_process_in_time()
    print("installed", flush=True)
    mutex, libc = ctypes.create_string_buffer(64), ctypes.CDLL(None)
    libc.pthread_mutex_lock(mutex)
    libc.pthread_mutex_lock(mutex)
"""
"""The main thread waits for the system for ever, as for a disk that hangs: Python calls no handler there."""


@pytest.mark.parametrize(
    ("within_s", "numbers", "said"),
    [
        (0.6, [signal.SIGTERM], "stopped: SIGTERM received; it could not end in order in time\n"),
        (60, [signal.SIGTERM, signal.SIGUSR1], "ended at once; "),
    ],
    ids=["once", "twice"],
)
def test_a_process_that_hangs_in_the_system_ends_all_the_same(
    within_s: float, numbers: list[signal.Signals], said: str
) -> None:
    script = HANGS.format(within_s=within_s)
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "installed\n"
    for number in numbers:
        process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode in [128 + number for number in numbers]  # of two at once, whichever comes last
    assert err.startswith(said)
    assert "nothing that was stored is lost" in err


def test_a_program_that_goes_on_after_a_sweep_has_its_signals_for_itself() -> None:
    switch = StopSwitch()
    with switch.installed():
        switch.end_process_in_time()
        (waiting,) = (thread for thread in threading.enumerate() if thread.name == "last resort")
    waiting.join(PATIENCE_S)
    assert not waiting.is_alive(), "it would end the process at a signal that the program has taken"
    assert signal.set_wakeup_fd(-1) == -1
