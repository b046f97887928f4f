"""The end of a process that was asked to stop and does not come to an end in order.

Python calls a signal's handler in the main thread, between two of its own steps: a main thread that waits for the
system, such as for a disk that hangs, never comes to it. But Python notes each signal in a pipe at the moment when
it comes, and a thread that has no other work reads there.
"""

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Callable

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP)
SENT_TO_JOBS = (*SIGNALS, signal.SIGUSR2)
"""What Slurm, systemd or a terminal sends to all processes of a job."""
AT_ONCE_S = 1.0
"""After a second signal, for the main thread to end the process itself."""
REPEATED_WITHIN_S = 0.25
"""So soon the same signal is no second one: `timeout` sends it to a process and to its group, `make` hands on what
all processes of a job are sent."""
SAID_WITHIN_S = 0.4
"""What whoever reads the words does not take by then is left unsaid."""
BEFORE_END_S = 2.0
"""So long before the end it is told to others, who may put right what the main thread has not come to."""
DISMISSED = 0
"""In the pipe, where else the numbers of signals stand."""


class LastResort:
    """Ends the process when the time that the first signal gave is over, or at the second one."""

    def __init__(self, seconds_left: Callable[[], float], before_end: Callable[[], object] = lambda: None):
        """`seconds_left` is asked once, when the first signal has come.

        `before_end`: called, in a thread of its own, when BEFORE_END_S of them are left.
        """
        self._seconds_left, self._before_end = seconds_left, before_end
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._before = -1

    def start(self) -> None:
        """To be called in the main thread, and before a signal: none may start a thread."""
        self._before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        # It leaves them to those that are to hear them, from its first moment on.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, SENT_TO_JOBS)
        threading.Thread(target=self._end_process, name="last resort", daemon=True).start()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def tell(self, number: int) -> None:
        """Of what has come where no handler is called, or that there is nothing more to wait for."""
        os.write(self._write, bytes([number]))

    def dismiss(self) -> None:
        """From now on signals are others'."""
        signal.set_wakeup_fd(self._before)
        self.tell(DISMISSED)

    def _end_process(self) -> None:
        first = self._next(None)
        assert first is not None, "it waits for as long as it takes"
        if first == DISMISSED:
            return
        ends = time.monotonic() + self._seconds_left()
        second = self._next(ends - BEFORE_END_S - time.monotonic(), first)
        if second is None:
            done_within(ends - time.monotonic(), self._before_end)
            second = self._next(ends - time.monotonic(), first)
        if second == DISMISSED:
            return
        if second is None:
            say_ended_late(f"{signal.Signals(first).name} received; it could not end in order in time")
        else:
            time.sleep(AT_ONCE_S)
            say_ended_at_once()
        os._exit(128 + (second or first))

    def _next(self, within_s: float | None, first: int | None = None) -> int | None:
        """The next signal's number, but for `first` that has just come once more; None where none came in time."""
        ends = None if within_s is None else time.monotonic() + within_s
        repeated_until = time.monotonic() + REPEATED_WITHIN_S
        while True:
            left = None if ends is None else max(0.0, ends - time.monotonic())
            if not select.select([self._read], [], [], left)[0]:
                return None
            number = os.read(self._read, 1)[0]
            is_repeated = number == first and time.monotonic() < repeated_until
            if number in (*SIGNALS, DISMISSED) and not is_repeated:
                return number


def say_ended_at_once() -> None:
    _say("ended at once; nothing that was stored is lost, and the same command goes on")


def say_ended_late(why: str) -> None:
    _say(f"stopped: {why}\nnothing that was stored is lost; run the same command to go on")


def done_within(seconds: float, do: Callable[[], object]) -> None:
    """Where it takes longer, it is gone on without it: what is about to end waits for nothing that may hang."""
    doing = threading.Thread(target=do, name="before the end", daemon=True)
    with contextlib.suppress(RuntimeError):  # the system has no more threads
        doing.start()
        doing.join(max(0.0, seconds))


def _say(text: str) -> None:
    """As long as it is taken: a reader may have stopped, or the disk of a log hang."""

    def write() -> None:
        with contextlib.suppress(OSError):  # a closed terminal
            os.write(2, f"{text}\n".encode())

    done_within(SAID_WITHIN_S, write)
