"""A server that is away, slow, or fails in the midst of things: training goes on, and all is recorded once.

A real `mlflow server`, behind a proxy that does to HTTP what networks and overloaded servers do.
"""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from exactly_once import assert_exactly_once, assert_sync_changes_nothing, sync_until_done, train
from faulty_proxy import (
    CUT_ANSWER,
    FAILED_AFTER_THE_WORK,
    LOST_ANSWER,
    LOST_REQUEST,
    REFUSED_WORK,
    SOUND,
    Fault,
    FaultyProxy,
    always,
    first_of_each,
    sometimes,
    sound,
)
from hand_made import HandMadeSweep, files_of
from meanwhile import wait_until
from mlflow_server import MlflowServer

from orchestrator.record import Recorder, sync_sweep
from orchestrator.record.tracking import MlflowTracking
from orchestrator.store import Home

QUICK_S = 20.0
"""For writing a few dozen small files, on however busy a machine. MLflow, where it is slow, would take minutes."""


pytestmark = pytest.mark.fault("MLflow away, slow, refusing or answering wrongly")


@pytest.fixture
def proxy(mlflow_server: MlflowServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(mlflow_server.port) as proxy:
        yield proxy


@pytest.fixture
def remote(tmp_path: Path, mlflow_server: MlflowServer) -> HandMadeSweep:
    """Two cells of a sweep of a name that the server does not know yet, looked at without the proxy."""
    sweep = HandMadeSweep(Home(tmp_path / "my runs"), f"sweep-{uuid.uuid4().hex[:8]}", uri=mlflow_server.uri)
    sweep.plan(seeds=(0,))
    return sweep


@pytest.fixture
def recorder(remote: HandMadeSweep, proxy: FaultyProxy) -> Recorder:
    recorder = Recorder(remote.home, remote.name, proxy.uri, first_pause_s=0.05)
    recorder.start()
    return recorder


def test_away_at_the_start_and_back_while_cells_train(
    remote: HandMadeSweep, proxy: FaultyProxy, recorder: Recorder
) -> None:
    with proxy.away():
        assert train(remote, recorder, remote.keys[:1]) < QUICK_S
        wait_until(lambda: bool(recorder._error))
    train(remote, recorder, remote.keys[1:])
    assert recorder.finish(250).error == ""
    assert_exactly_once(remote)
    assert_sync_changes_nothing(remote)


def test_away_to_the_end_is_told_and_caught_up_by_a_sync(
    remote: HandMadeSweep, proxy: FaultyProxy, recorder: Recorder
) -> None:
    with proxy.away():
        assert train(remote, recorder) < QUICK_S
        state = recorder.finish(250)
    assert (state.recorded, state.behind) == (0, 2)
    assert "refused" in state.error
    assert remote.runs() == []
    assert sync_sweep(remote.home, remote.name, proxy.uri).recorded == 2
    assert_exactly_once(remote)
    assert_sync_changes_nothing(remote)


def test_lost_in_the_middle_and_back_later(remote: HandMadeSweep, proxy: FaultyProxy, recorder: Recorder) -> None:
    first, second = remote.keys
    remote.take_up(second)
    history = [remote.epoch(second, 1)]
    recorder.notify(second)
    wait_until(lambda: any("log-batch" in request for request in proxy.requests))
    with proxy.away():
        assert train(remote, recorder, [first]) < QUICK_S
        wait_until(lambda: bool(recorder._error))
    remote.conclude(second, [*history, remote.epoch(second, 2)])
    recorder.notify(second)
    assert recorder.finish(250).error == ""
    assert_exactly_once(remote)
    assert_sync_changes_nothing(remote)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(LOST_ANSWER, id="answer lost"),
        pytest.param(LOST_REQUEST, id="request lost", marks=pytest.mark.campaign),
        pytest.param(CUT_ANSWER, id="answer cut", marks=pytest.mark.campaign),
        pytest.param(REFUSED_WORK, id="503", marks=pytest.mark.campaign),
        pytest.param(FAILED_AFTER_THE_WORK, id="500 after the work"),
    ],
)
def test_each_kind_of_call_may_fail_once(
    remote: HandMadeSweep, proxy: FaultyProxy, recorder: Recorder, fault: Fault
) -> None:
    proxy.faults = first_of_each(fault)
    train(remote, recorder)
    recorder.finish(250)
    sync_until_done(remote, proxy.uri)
    assert_exactly_once(remote)
    assert_sync_changes_nothing(remote)
    met = {request.partition("?")[0].rpartition("/")[2] for request in proxy.requests}
    assert met >= {"create", "search", "log-batch", "log-inputs", "update", "test.parquet", "get-by-name"}


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.campaign) for seed in range(2, 12))])
def test_every_fifth_call_fails_in_one_way_or_another(
    remote: HandMadeSweep, proxy: FaultyProxy, recorder: Recorder, seed: int
) -> None:
    every = (LOST_ANSWER, LOST_REQUEST, CUT_ANSWER, REFUSED_WORK, FAILED_AFTER_THE_WORK)
    proxy.faults = sometimes(0.2, *every, seed=seed)
    assert train(remote, recorder) < QUICK_S
    recorder.finish(250)
    proxy.faults = sometimes(0.05, *every, seed=seed)
    sync_until_done(remote, proxy.uri)
    assert_exactly_once(remote)
    assert_sync_changes_nothing(remote)


def test_five_seconds_an_answer_slow_nobody_down_and_what_is_missing_is_told(
    remote: HandMadeSweep, proxy: FaultyProxy, recorder: Recorder
) -> None:
    proxy.faults = always(Fault(delay_s=5.0))
    assert train(remote, recorder) < QUICK_S
    started = time.monotonic()
    state = recorder.finish(1.0)
    assert time.monotonic() - started < QUICK_S
    assert (state.recorded, state.behind, state.error) == (0, 2, "MLflow did not keep up within 1 s")
    proxy.faults = sound
    assert recorder._thread is not None
    recorder._thread.join(120)  # it ends with the request that it waits for
    assert sync_sweep(remote.home, remote.name, proxy.uri).error == ""
    assert_exactly_once(remote)
    assert_sync_changes_nothing(remote)


def test_a_figure_of_an_earlier_report_is_taken_from_a_server_though_the_first_answer_is_lost(
    remote: HandMadeSweep, proxy: FaultyProxy, tmp_path: Path
) -> None:
    def shown() -> list[str]:
        return files_of(remote.client, remote.parent, "report")

    figure = tmp_path / "report" / "earlier.svg"
    figure.parent.mkdir()
    figure.write_text("<svg/>")
    sync_sweep(remote.home, remote.name, proxy.uri, report=figure.parent)
    assert shown() == ["report/earlier.svg"]
    figure.rename(figure.with_name("later.svg"))
    proxy.faults = lambda method, path: LOST_ANSWER if method == "DELETE" else SOUND
    assert sync_sweep(remote.home, remote.name, proxy.uri, report=figure.parent).notice != ""
    proxy.faults = sound
    assert sync_sweep(remote.home, remote.name, proxy.uri, report=figure.parent).error == ""
    assert shown() == ["report/later.svg"]


def test_a_run_is_asked_for_once_where_the_answer_is_lost(
    tmp_path: Path, remote: HandMadeSweep, proxy: FaultyProxy
) -> None:
    """MLflow's client would ask again by itself, and the server make a second run."""
    tracking = MlflowTracking(proxy.uri, tmp_path, tmp_path / "lock")
    experiment = tracking.experiment(remote.name)
    proxy.faults = lambda method, path: LOST_ANSWER if path.endswith("runs/create") else SOUND
    with pytest.raises(Exception, match=r"aborted|RemoteDisconnected|Connection"):
        tracking.make(experiment, "a run", {"of": "a test"}, 0)
    assert [request for request in proxy.requests if request.endswith("runs/create")] == [
        "POST /api/2.0/mlflow/runs/create"
    ]
    assert len(tracking.find(experiment, {"of": "a test"})) == 1


def test_one_of_an_earlier_version_that_knows_no_logged_models_holds_all_of_it(
    remote: HandMadeSweep, proxy: FaultyProxy, tmp_path: Path
) -> None:
    proxy.faults = lambda _, path: Fault(arrives=False, status=404) if "logged-models" in path else SOUND
    for figure in ("a.svg", "b.svg"):
        report = tmp_path / f"report of {figure}"
        report.mkdir()
        (report / figure).write_text("<svg/>")
        state = sync_sweep(remote.home, remote.name, proxy.uri, note="as it is", report=report)
        assert (state.error, state.notice) == ("", "")
    assert files_of(remote.client, remote.parent, "report") == ["report/b.svg"]
