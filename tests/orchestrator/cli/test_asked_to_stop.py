"""A run that is asked to stop while no cell trains: before the first one, and after the last one."""

import signal
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
from in_process import without_ray
from recorded import statuses
from said import Call
from spoken import SOUND

from orchestrator.cli import carry_out, launch
from orchestrator.record import Recorder, RecordState
from orchestrator.run.cell_work import Step
from orchestrator.run.stopping import StopSwitch


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ok.yaml").write_text(SOUND)
    without_ray(monkeypatch)
    monkeypatch.setattr(StopSwitch, "end_process_in_time", lambda self: None)  # it would end the tests


def signalled(number: signal.Signals) -> Callable[..., Any]:
    """What is interrupted by the signal."""

    def interrupted(*_: object, **__: object) -> None:
        signal.raise_signal(number)
        raise AssertionError("it went on")

    return interrupted


SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP])


@SIGNALS
def test_while_the_data_are_read_it_ends_with_the_signals_code_and_leaves_no_trace(
    number: signal.Signals, call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "prepare_sweep", signalled(number))
    said = call("run", "ok.yaml", "--home", str(new_home))
    assert (said.code, said.out) == (128 + number, "")
    assert said.err == f"{number.name} received; nothing that was stored is lost, and the same command goes on\n"
    assert not (new_home / "sweeps").exists()


@pytest.mark.parametrize(
    ("doing", "number"),
    [("outcome_of", signal.SIGTERM), ("_written", signal.SIGINT), ("print_outcome", signal.SIGHUP)],
)
def test_after_the_last_cell_it_closes_the_record_and_the_next_run_does_the_rest(
    doing: str, number: signal.Signals, call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carry_out, "RECORD_DEADLINE_WHEN_STOPPED_S", 60.0)  # MLflow is loaded for the first time
    with monkeypatch.context() as patched:
        patched.setattr(carry_out, doing, signalled(number))
        said = call("run", "ok.yaml", "--home", str(new_home))
    assert (said.code, said.err) == (128 + number, "")
    assert f"\nstopped: {number.name} received\n" in said.out
    assert "2 of 2 cells finished" in said.out
    assert "RUNNING" not in {status for status, _ in statuses(new_home).values()}
    again = call("run", "ok.yaml", "--home", str(new_home))
    assert (again.code, again.err) == (0, "")
    assert "(2 before, 0 in the" in again.out
    assert "report: " in again.out


def test_only_what_it_has_had_in_hand_is_closed_for_another_driver_may_have_the_rest(
    call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    def finish(recorder: Recorder, deadline_s: float, *, stopped: Collection[str]) -> RecordState:
        closed.extend(stopped)
        return RecordState(1, 0)

    monkeypatch.setattr(Recorder, "start", lambda recorder: None)
    monkeypatch.setattr(Recorder, "finish", finish)
    taken_up = without_ray(monkeypatch, lambda *_: signal.raise_signal(signal.SIGTERM) or Step("stopped"))
    assert call("run", "ok.yaml", "--home", str(new_home)).code == 128 + signal.SIGTERM
    assert len(taken_up) == 1
    assert closed == taken_up
