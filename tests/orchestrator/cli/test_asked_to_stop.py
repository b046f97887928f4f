"""A run that is asked to stop while no cell trains: before the first one, and after the last one."""

import signal
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
from in_process import without_ray
from recorded import statuses
from said import Call
from spoken import SOUND

from orchestrator.cli import carry_out, catch_up, launch
from orchestrator.plan import PlannedCell
from orchestrator.record import Recorder, RecordState
from orchestrator.run import driver
from orchestrator.run.cell_work import Step
from orchestrator.run.last_resort import BEFORE_END_S
from orchestrator.run.stopping import StopSwitch
from orchestrator.store import Holder, Home, StoreError, SweepStore, living_drivers


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ok.yaml").write_text(SOUND)
    without_ray(monkeypatch)
    monkeypatch.setattr(StopSwitch, "end_process_in_time", lambda *_, **__: None)  # it would end the tests


def signalled(number: signal.Signals) -> Callable[..., Any]:
    """What is interrupted by the signal."""

    def interrupted(*_: object, **__: object) -> None:
        signal.raise_signal(number)
        raise AssertionError("it went on")

    return interrupted


SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP])

STOPPED = "stopped: {} received\nnothing that was stored is lost; run the same command to go on\n"


@SIGNALS
def test_while_the_data_are_read_it_ends_with_the_signals_code_and_leaves_no_trace(
    number: signal.Signals, call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "prepare_sweep", signalled(number))
    said = call("run", "ok.yaml", "--home", str(new_home))
    assert (said.code, said.out) == (128 + number, "")
    assert said.err == STOPPED.format(number.name)
    assert not (new_home / "sweeps").exists()


@pytest.mark.parametrize("doing", ["nodes_without_cuda", "trial_resources", "commit_plan"])
def test_between_rays_start_and_the_first_cell_it_ends_in_order_and_begins_nothing(
    doing: str, call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There a signal is only noted, for what goes on may not be broken off."""
    carried_out = getattr(driver, doing)

    def signalled_in_it(*given: Any, **named: Any) -> Any:
        signal.raise_signal(signal.SIGTERM)
        return carried_out(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(driver, doing, signalled_in_it)
        taken_up = without_ray(patched)
        said = call("run", "ok.yaml", "--home", str(new_home))
    assert (said.code, said.err) == (128 + signal.SIGTERM, STOPPED.format("SIGTERM"))
    assert taken_up == []
    assert SweepStore(Home(new_home).store()).plan("ok") is None
    assert list(new_home.glob("cells/*")) == []
    assert not (new_home / "mlflow.db").exists()


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


def test_it_is_seen_from_the_first_step_on_and_closes_only_what_it_has_had_in_hand(
    call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For another driver may have the rest in hand, and another command would close what nobody seems to train."""
    closed: list[str] = []
    deadlines: list[float] = []
    seen: list[Holder] = []

    def finish(recorder: Recorder, deadline_s: float, *, stopped: Collection[str]) -> RecordState:
        closed.extend(stopped)
        deadlines.append(deadline_s)
        recorder.leave()
        return RecordState(1, 0)

    monkeypatch.setattr(Recorder, "start", lambda recorder: None)
    monkeypatch.setattr(Recorder, "finish", finish)

    def stop(cell: PlannedCell, number: int) -> Step:
        seen.extend(living_drivers(Home(new_home).store(), "ok", time.time()))
        signal.raise_signal(signal.SIGTERM)
        return Step("stopped")

    taken_up = without_ray(monkeypatch, stop)
    longer = ("--set", "resources.stop_within_s=1000")
    assert call("run", "ok.yaml", *longer, "--home", str(new_home)).code == 128 + signal.SIGTERM
    assert len(taken_up) == len(seen) == 1
    assert closed == taken_up
    assert 900.0 < deadlines.pop() <= 1000.0 - carry_out.LEAVING_S, "the time that the signal leaves"
    assert living_drivers(Home(new_home).store(), "ok", time.time()) == []


def test_a_run_that_is_ended_without_an_end_in_order_has_its_record_closed_before(
    call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A main thread that hangs comes to nothing more; the one that records goes on."""
    given: list[Callable[[], object]] = []
    given_up: list[float] = []
    monkeypatch.setattr(StopSwitch, "end_process_in_time", lambda _, before_end: given.append(before_end))
    monkeypatch.setattr(Recorder, "start", lambda recorder: None)
    monkeypatch.setattr(Recorder, "give_up", lambda recorder, deadline_s: given_up.append(deadline_s))

    def ended(cell: PlannedCell, number: int) -> Step:
        given[0]()
        raise StoreError("it hung until here")

    without_ray(monkeypatch, ended)
    assert call("run", "ok.yaml", "--home", str(new_home)).code == 2
    assert given_up[0] == BEFORE_END_S


def test_a_run_that_breaks_off_is_seen_no_more(call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Step:
        raise StoreError("the credentials have expired")

    monkeypatch.setattr(Recorder, "start", lambda recorder: None)
    without_ray(monkeypatch, refuse)
    assert call("run", "ok.yaml", "--home", str(new_home)).code == 2
    assert living_drivers(Home(new_home).store(), "ok", time.time()) == []


@SIGNALS
def test_sync_comes_to_the_end_of_the_run_that_it_writes_and_leaves_with_the_signals_code(
    number: signal.Signals, call: Call, used_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, stop: Callable[[], object], **__: object) -> RecordState:
        assert not stop()
        signal.raise_signal(number)
        assert stop()
        return RecordState(1, 1, "it was asked to stop")

    for name in ("reachable", "outcome_of", "note_look", "compose", "note"):
        monkeypatch.setattr(catch_up, name, lambda *_: None)
    monkeypatch.setattr(catch_up.ResultTable, "of", lambda *_: None)
    monkeypatch.setattr(catch_up, "write_report", lambda *_: Path("report.html"))
    monkeypatch.setattr(catch_up, "sync_sweep", asked)
    said = call("sync", "earlier", "--home", str(used_home))
    assert (said.code, said.out) == (128 + number, "1 cells are recorded, 1 are not it was asked to stop\n")
    assert said.err == f"{number.name} received; nothing that was stored is lost, and the same command goes on\n"


def test_sync_that_only_reads_yet_ends_at_once(
    call: Call, used_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catch_up.ResultTable, "of", signalled(signal.SIGTERM))
    said = call("sync", "earlier", "--home", str(used_home))
    assert (said.code, said.out) == (128 + signal.SIGTERM, "")
