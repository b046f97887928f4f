"""What a worker takes for the word to stop, and what for silence. No Ray is started here."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from processes import PATIENCE_S
from ray.exceptions import ActorDiedError, ActorUnavailableError

from orchestrator.run import stop_flag
from orchestrator.run.stop_flag import StopWatch


@pytest.fixture
def flag(monkeypatch: pytest.MonkeyPatch) -> Any:
    """One whose `answers`, each None or an error, are given in turn; when they are over, it says nothing."""
    answers: list[Exception | None] = []
    asked_last, is_raised = threading.Event(), threading.Event()

    def get(asked: str, timeout: float | None = None) -> bool | None:
        if asked == "is it raised":
            return is_raised.is_set()
        if not answers:
            asked_last.set()
            threading.Event().wait()  # the thread that does it is a daemon
        if (answer := answers.pop(0)) is not None:
            raise answer
        return None

    monkeypatch.setattr(stop_flag.ray, "get", get)
    monkeypatch.setattr(stop_flag, "ASK_AGAIN_S", 0.0)
    actor = SimpleNamespace(
        raised=SimpleNamespace(remote=lambda: "until it is raised"),
        is_raised=SimpleNamespace(remote=lambda: "is it raised"),
    )
    return SimpleNamespace(actor=actor, answers=answers, asked_last=asked_last, is_raised=is_raised)


UNAVAILABLE = ActorUnavailableError("the connection is broken", None)


def test_a_flag_that_cannot_be_reached_is_asked_again_and_stops_nobody(flag: Any) -> None:
    flag.answers += [UNAVAILABLE, OSError("the network"), UNAVAILABLE]
    watch = StopWatch(flag)
    assert flag.asked_last.wait(PATIENCE_S)
    assert not watch.stopped.is_set()


@pytest.mark.parametrize("answer", [None, ActorDiedError()], ids=["raised", "gone for good"])
def test_a_flag_that_is_raised_or_gone_for_good_stops_the_worker(answer: Exception | None, flag: Any) -> None:
    flag.answers += [UNAVAILABLE, answer]
    assert StopWatch(flag).stopped.wait(PATIENCE_S)


def test_a_worker_that_comes_up_after_the_word_has_heard_it_before_it_is_given_a_cell(flag: Any) -> None:
    flag.is_raised.set()
    assert StopWatch(flag).stopped.is_set()
