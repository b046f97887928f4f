"""What ends a process that does not come to its end, by what is read in its pipe. Nothing is ended here."""

import signal
import threading
from collections.abc import Callable, Iterator

import pytest
from processes import PATIENCE_S

from orchestrator.run import last_resort
from orchestrator.run.last_resort import LastResort

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
