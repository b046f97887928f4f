"""Being asked to stop, in a process of its own: what the first signal does, what the second does, and nohup."""

import _signal
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from processes import PATIENCE_S

from orchestrator.run import last_resort
from orchestrator.run.last_resort import REPEATED_WITHIN_S
from orchestrator.run.stopping import SIGNALS, STARTING_S, StopRequested, StopSwitch, signals_kept

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


@pytest.mark.parametrize(
    ("numbers", "codes"),
    [
        ([signal.SIGTERM, signal.SIGTERM], []),
        ([signal.SIGTERM, signal.SIGTERM, signal.SIGINT], [128 + signal.SIGINT]),
    ],
    ids=["the same", "another after it"],
)
def test_nor_does_the_thread_that_ends_the_process_take_it_for_two(
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
    assert heard(process) == "installed\n"
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


RAY_STARTS = """
import _signal, signal, subprocess, sys, time
from orchestrator.run import stopping
from orchestrator.run.stopping import StopSwitch

def left_over(*_):
    print("the handler of another", flush=True)

stopping.STARTING_S = 0.5
switch = StopSwitch()
if sys.argv[1] == "long":
    switch.end_process_in_time()
with switch.installed(), switch.polled():
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGUSR1)]
    with stopping.signals_kept(switch.note_while_ray_starts):
        for number in (signal.SIGTERM, signal.SIGUSR1):
            _signal.signal(number, left_over)  # as from C, for Ray's own in Python are refused
        started = subprocess.Popen([sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"],
                                   stdout=subprocess.PIPE)
        started.stdout.readline()
        print("starts", flush=True)
        while not switch.reason:
            time.sleep(0.01)
        print(switch.reason, flush=True)
        assert started.poll() is None
        started.kill()
        if sys.argv[1] == "long":
            time.sleep(60)
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGUSR1)] == handlers
print("ended in order")
raise SystemExit(switch.exit_code)
"""
"""What Ray does while it starts: it sets handlers of its own, and starts processes that are to outlive signals."""


@pytest.mark.parametrize(
    ("number", "to_group"),
    [(signal.SIGTERM, False), *((number, True) for number in SIGNALS)],
    ids=lambda value: value.name if isinstance(value, signal.Signals) else "group" if value else "alone",
)
def test_while_ray_starts_a_signal_is_heard_by_us_alone(number: signal.Signals, to_group: bool) -> None:
    process = ray_starts("once")
    (os.killpg if to_group else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert (out, err) == (f"{number.name} received\nended in order\n", "")
    assert process.returncode == 128 + number


def test_where_ray_starts_for_long_a_signal_ends_the_process_all_the_same_and_says_so() -> None:
    process = ray_starts("long")
    process.send_signal(signal.SIGUSR1)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (128 + signal.SIGUSR1, "SIGUSR1 received\n")
    assert err == (
        "stopped: SIGUSR1 received; it could not end in order in time\n"
        "nothing that was stored is lost; run the same command to go on\n"
    )


def test_where_nobody_listens_a_signal_waits_for_the_handler_that_was_there() -> None:
    switch = StopSwitch()
    with switch.installed(), switch.polled():
        with signals_kept():
            _signal.signal(signal.SIGTERM, lambda *_: pytest.fail("the handler of another"))
            signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
            assert switch.signal is None
        assert switch.signal == signal.SIGTERM


def ray_starts(how: str) -> Sweep:
    process = subprocess.Popen(
        [sys.executable, "-c", RAY_STARTS, how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert heard(process) == "starts\n"
    return process


def test_a_signal_while_ray_starts_gives_the_process_less_time_for_nothing_is_under_way() -> None:
    switch = StopSwitch(300)
    switch.note_while_ray_starts(signal.SIGTERM)
    assert switch.exit_code == 128 + signal.SIGTERM
    assert 0 < switch.seconds_left <= STARTING_S
