"""The thread that hears the signals while Ray starts."""

import signal
import threading

import pytest
from processes import PATIENCE_S

from orchestrator.run.stopping import signals_kept


def test_who_listens_is_still_there_to_be_woken_though_a_signal_came_at_the_last_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What wakes a thread that has ended may fail, and the signals then stay blocked."""
    hears, may_go_on, was_there = threading.Event(), threading.Event(), list[bool]()
    send = signal.pthread_kill

    def heard(_: int) -> None:
        hears.set()
        assert may_go_on.wait(PATIENCE_S)

    def wake(ident: int, number: int) -> None:
        may_go_on.set()  # now that it is over, and before it is woken
        listener.join(0.1)
        was_there.append(listener.is_alive())
        if listener.is_alive():
            send(ident, number)

    with signals_kept(heard):
        (listener,) = (thread for thread in threading.enumerate() if thread.name == "signals")
        assert listener.ident is not None
        send(listener.ident, signal.SIGINT)
        assert hears.wait(PATIENCE_S)
        monkeypatch.setattr(signal, "pthread_kill", wake)
    assert was_there == [True]
