"""Being asked to stop while Ray starts, which sets handlers of its own and starts processes that are to live on."""

import _signal
import os
import signal
import subprocess
import sys
import threading

import pytest
from processes import PATIENCE_S

from orchestrator.run.stopping import SIGNALS, STARTING_S, StopSwitch, signals_kept

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


def ray_starts(how: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", RAY_STARTS, how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "starts\n"
    return process


def test_a_signal_while_ray_starts_gives_the_process_less_time_for_nothing_is_under_way() -> None:
    switch = StopSwitch(300)
    switch.note_while_ray_starts(signal.SIGTERM)
    assert switch.exit_code == 128 + signal.SIGTERM
    assert 0 < switch.seconds_left <= STARTING_S
