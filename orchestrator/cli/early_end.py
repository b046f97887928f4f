"""A signal that comes before a command has begun, or while it loads what it needs: the process ends at once.

To raise there does harm. Loading takes seconds, and torch swallows a KeyboardInterrupt in the middle of its own: it
goes on half made, and fails or aborts with an exit code that says something else. An end at once does none: what is
stored is made to outlive it.

A sweep's `StopSwitch` takes the signals from here, and gives them back. This file imports little: it comes first.
"""

import contextlib
import os
import signal
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP)


def end_early() -> None:
    """From now on a signal ends the process. One that it was told to ignore, as by nohup, is ignored as before."""
    for number in SIGNALS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _end)


def interruptible() -> None:
    """A command begins: from now on Ctrl-C raises KeyboardInterrupt, except from within an import."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, _interrupt)


def _end(number: int, _frame: Any) -> None:
    said = "%s received; nothing that was stored is lost, and the same command goes on\n"
    with contextlib.suppress(OSError):
        os.write(2, (said % signal.Signals(number).name).encode())
    os._exit(128 + number)


def _interrupt(number: int, frame: Any) -> None:
    caller = frame
    while caller is not None:
        if caller.f_code.co_filename == "<frozen importlib._bootstrap>":
            _end(number, frame)
        caller = caller.f_back
    signal.default_int_handler(number, frame)
