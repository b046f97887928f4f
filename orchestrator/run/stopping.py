"""Being asked to stop: by Ctrl-C, by the system, or by a store that cannot be written.

The first signal raises `StopRequested` where the process is. Where that could hurt, while trials are under way, it
is only noted, and the driver's loop raises at its next turn, when they have left their checkpoints. No retry or
callback of Tune catches it; and Tune's own handlers, which finish with exit code 0 and can hang, are replaced.
So are Ray's, which end the process without a word or abort it: while Ray starts, a thread that has no other work
hears the signals (`signals_kept`).
Should the end not be reached in time (a cluster that no longer answers, a disk that hangs), the process ends
without it: whoever sent the signal will not wait, and nothing stored can be harmed.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from orchestrator.run.last_resort import (
    REPEATED_WITHIN_S,
    SENT_TO_JOBS,
    SIGNALS,
    LastResort,
    say_ended_at_once,
)

STOP_WITHIN_S = 10.0
"""From a signal to the end of the process, unless the sweep says otherwise; Slurm and Kubernetes give 30 s, some
spot machines not much more."""
EARLIER_S = 0.5
"""So much earlier the process ends itself."""
STARTING_S = 5.0
"""From a signal to the end of the process while Ray starts, which may take long and cannot be broken off."""
CLOSING_S = 5.5
"""What trials may not take of it: for Ray's end, the record's, and words."""
WAKES_LISTENER = signal.SIGUSR2
_set_handler = signal.signal
"""Python's own, where others are refused (`StopSwitch.installed`)."""


class StopRequested(BaseException):
    """The sweep is to end now, in order. Not an Exception: nothing on the way may swallow it."""


class StopSwitch:
    """Whether, and by what, the sweep has been asked to stop."""

    def __init__(self, stop_within_s: float = STOP_WITHIN_S) -> None:
        self._lasts_s = stop_within_s - EARLIER_S
        self.signal: signal.Signals | None = None
        self.reason = ""
        self._is_polled = False
        self._is_installed = False
        self._repeated_until = 0.0
        self._ends_at: float | None = None
        self._last_resort: LastResort | None = None
        self.before_end: Callable[[], object] = lambda: None

    def end_process_in_time(self, before_end: Callable[[], object] = lambda: None) -> None:
        """From the first signal on, the process has no more than `stop_within_s` to live; to be called where the
        signals are taken.

        `before_end`: called, in another thread, shortly before it is ended without having come to its end in order.
        """
        self.before_end = before_end
        self._last_resort = LastResort(lambda: self.seconds_left, before_end)
        self._last_resort.start()

    def request(self, reason: str) -> None:
        """Stop at the next turn of the driver's loop."""
        self.reason = self.reason or reason

    def raise_if_asked(self) -> None:
        """A turn of whoever polls."""
        if self.reason:
            raise StopRequested(self.reason)

    def raise_if_signalled(self) -> None:
        """As above, for whom only a signal concerns: what a store refused has come to its end in order."""
        if self.signal is not None:
            raise StopRequested(self.reason)

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Take the signals while inside, and give them back as they were. The first one asks, the second one ends
        the process at once. Whoever else would take them meanwhile, as Ray and Tune do, is refused."""
        if self._is_installed:
            yield
            return
        before = {number: signal.getsignal(number) for number in SIGNALS}
        for number in SIGNALS:
            if number != signal.SIGHUP or before[number] is not signal.SIG_IGN:  # nohup stays nohup
                _set_handler(number, self._handle)
        others_set = signal.signal
        signal.signal = _refuse_handler  # type: ignore[assignment]
        self._is_installed = True
        try:
            yield
        finally:
            self._is_installed = False
            signal.signal = others_set
            for number, handler in before.items():
                _set_handler(number, signal.SIG_DFL if handler is None else handler)
            if self._last_resort is not None and self.signal is None:  # else what comes now may hang, too
                self._last_resort.dismiss()

    @contextlib.contextmanager
    def polled(self) -> Iterator[None]:
        """Inside, a signal raises nothing: whoever is inside asks, by `reason` or `raise_if_asked`."""
        self._is_polled = True
        try:
            yield
        finally:
            self._is_polled = False

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self.note(number) and not self._is_polled:
            raise StopRequested(self.reason)

    def note_while_ray_starts(self, number: int) -> None:
        """As `note`; nothing of the sweep is under way, so that the end in order need not be waited for as long."""
        self.note(number, min(STARTING_S, self._lasts_s))
        if self._last_resort is not None:
            self._last_resort.tell(number)

    def note(self, number: int, lasts_s: float | None = None) -> bool:
        """A signal has come, which gives the process so long; the second one ends it at once.

        False where it is no second one but the first once more.
        """
        now = time.monotonic()
        if self.signal is not None:
            if number == self.signal and now < self._repeated_until:
                return False
            say_ended_at_once()
            os._exit(128 + number)
        self._repeated_until = now + REPEATED_WITHIN_S  # first, for it may come again in the middle of this
        self.signal = signal.Signals(number)
        self._ends_at = now + (self._lasts_s if lasts_s is None else lasts_s)
        self.request(f"{self.signal.name} received")
        return True

    @property
    def seconds_left(self) -> float:
        """Of those that a signal gave the process; without one, all."""
        return self._lasts_s if self._ends_at is None else self._ends_at - time.monotonic()

    @property
    def grace_s(self) -> float:
        """So long may trials that are asked now take to leave a checkpoint; then they are killed where they are."""
        return max(0.0, self.seconds_left - CLOSING_S)

    @property
    def exit_code(self) -> int:
        """128 + the signal's number, as shells have it; 1 where no signal was involved."""
        return 1 if self.signal is None else 128 + self.signal


@contextlib.contextmanager
def handlers_kept() -> Iterator[None]:
    """Afterwards each signal has the handler that it had, whatever the system has been told of it meanwhile."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            if handler is not None:  # one that Python has not set, and cannot
                _set_handler(number, handler)


@contextlib.contextmanager
def signals_kept(heard: Callable[[int], None] | None = None) -> Iterator[None]:
    """Inside, no signal reaches this thread or what it starts; afterwards each has the handler that it had.

    `heard` is called, in another thread, with each signal that comes meanwhile; without it they wait for the end.
    In any other thread they must be blocked, or whatever handler there is inside will be called.
    """
    to_hear = [number for number in SIGNALS if callable(signal.getsignal(number))]  # under nohup, not SIGHUP
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, SENT_TO_JOBS)
    over = threading.Event()

    def listen(hear: Callable[[int], None]) -> None:
        # It ends by being woken alone, for who wakes it may not find it gone.
        while (number := signal.sigwait({*to_hear, WAKES_LISTENER})) != WAKES_LISTENER or not over.is_set():
            if number != WAKES_LISTENER:
                hear(number)

    listener = threading.Thread(target=listen, args=(heard,), name="signals", daemon=True)
    if heard is not None:
        listener.start()  # with them blocked, as it is for whoever waits for a signal
    try:
        with handlers_kept():
            yield
    finally:
        if listener.ident is not None:
            over.set()
            signal.pthread_kill(listener.ident, WAKES_LISTENER)
            listener.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _refuse_handler(number: int, handler: Any) -> Any:
    """In the place of `signal.signal`: it leaves these as they are."""
    return signal.getsignal(number) if number in SIGNALS else _set_handler(number, handler)
