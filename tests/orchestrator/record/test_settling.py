"""What a killed driver left RUNNING is closed by the next command; what a living one works on stays as it is."""

import shutil
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from hand_made import EPOCHS, HandMadeSweep
from meanwhile import statuses
from mlflow_server import MlflowServer

from orchestrator.record import Recorder, home_id, settle
from orchestrator.record.catching_up import sync_sweep
from orchestrator.record.cell_runs import CellRuns
from orchestrator.record.lock import RecordLock
from orchestrator.record.open_servers import forget_shown, note_shown, noted_shown
from orchestrator.record.sync import open_record
from orchestrator.store import Holder, Home, Presence, SweepPaths
from orchestrator.store.base import seal
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.holder import EXPIRES_AFTER_S


@pytest.fixture
def left(sweep: HandMadeSweep) -> HandMadeSweep:
    """Recorded by a driver that then died: one cell under way, one that has finished since, one that was done."""
    under_way, finished, done, _ = sweep.keys
    sweep.finish(done)
    for key in (under_way, finished):
        sweep.take_up(key)
        sweep.epoch(key, 1)
    leases = [sweep.hold(key) for key in (under_way, finished)]
    record = open_record(sweep.home, sweep.name, sweep.home.tracking_uri)
    for key in (done, under_way, finished):
        record.record_cell(key)
    record.record_progress()
    sweep.finish(finished)
    assert statuses(sweep) == {"the sweep": "RUNNING", under_way: "RUNNING", finished: "RUNNING", done: "FINISHED"}
    for lease in leases:
        lease.release()
    return sweep


def test_it_closes_what_nobody_works_on(left: HandMadeSweep) -> None:
    under_way, finished, done, _ = left.keys
    assert settle(left.home) == ""
    assert statuses(left) == {"the sweep": "KILLED", under_way: "KILLED", finished: "FINISHED", done: "FINISHED"}
    assert left.child(under_way).data.tags["seedwise.outcome"] == "interrupted"
    points = left.client.get_metric_history(left.child(finished).info.run_id, "train_loss")
    assert [point.step for point in points] == list(range(1, EPOCHS + 1))
    once = left.snapshot()
    assert settle(left.home) == ""
    assert left.snapshot() == once


def test_a_sync_after_it_finds_the_cells_recorded(left: HandMadeSweep) -> None:
    settle(left.home)
    children = {run_id: run for run_id, run in left.snapshot().items() if "seedwise.cell" in run["tags"]}
    sync_sweep(left.home, left.name)
    assert {run_id: left.snapshot()[run_id] for run_id in children} == children


def test_a_living_drivers_runs_stay_running_also_while_none_of_its_cells_is_leased(left: HandMadeSweep) -> None:
    driver = Presence(left.home.store(), left.name).enter()
    before = left.snapshot()
    assert settle(left.home) == ""
    assert left.snapshot() == before
    driver.leave()
    assert settle(left.home) == ""
    assert "RUNNING" not in statuses(left).values()


def test_what_a_dead_machine_with_its_clock_ahead_has_left_is_closed_by_whoever_comes_a_minute_later(
    left: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = Holder.this_process(time.time() + 3600).model_copy(update={"host": "elsewhere"})
    paths, store = SweepPaths(left.name), left.home.store()
    for folder in (paths.drivers, paths.record, CellPaths(left.keys[0]).lease):
        store.create(f"{folder}/000099.json", seal(ahead.model_dump()))
    monkeypatch.setattr("orchestrator.store.silence.time", SimpleNamespace(monotonic=lambda: 0.0))
    before = left.snapshot()
    assert settle(left.home) == ""
    assert left.snapshot() == before
    monkeypatch.setattr("orchestrator.store.silence.time", SimpleNamespace(monotonic=lambda: EXPIRES_AFTER_S + 1))
    settle(left.home)
    assert "RUNNING" not in statuses(left).values()


def test_a_drivers_runs_stay_running_from_before_it_records_for_its_first_epoch_may_take_hours(
    left: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recorder, "start", lambda recorder: pytest.fail("it records"))
    before, recorder = left.snapshot(), Recorder(left.home, left.name)
    recorder.attend()
    assert settle(left.home) == ""
    assert left.snapshot() == before
    recorder.leave()
    assert settle(left.home) == ""
    assert "RUNNING" not in statuses(left).values()


def test_without_anything_to_do_mlflow_is_not_asked(left: HandMadeSweep, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(left.home)
    monkeypatch.setattr(
        "orchestrator.record.settling.open_record", lambda *_, **__: pytest.fail("MLflow was asked")
    )
    assert settle(left.home) == ""


@pytest.mark.parametrize("has_a_file", [False, True])
def test_a_home_without_a_record_has_nothing_to_settle(
    tmp_path_factory: pytest.TempPathFactory, has_a_file: bool
) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    if has_a_file:
        (home.root / "mlflow.db").touch()
    assert settle(home) == ""
    assert [path.name for path in home.root.iterdir()] == ["mlflow.db"][: int(has_a_file)]


def test_another_homes_runs_in_the_same_database_are_not_touched(left: HandMadeSweep) -> None:
    before = left.snapshot()
    left.home.store().replace(home_id.FIRST, seal("another"))
    assert settle(left.home) == ""
    assert left.snapshot() == before


def test_a_cell_that_the_plan_has_no_more_is_closed_too(left: HandMadeSweep) -> None:
    left.plan(losses=("focal",))
    assert settle(left.home) == ""
    assert set(statuses(left).values()) == {"KILLED", "FINISHED"}


def test_whoever_has_the_record_in_hand_is_left_to_it_and_not_waited_for(left: HandMadeSweep) -> None:
    before = left.snapshot()
    with RecordLock(left.home.store(), left.name):
        started = time.monotonic()
        assert settle(left.home) == ""
        assert time.monotonic() - started < 20
    assert left.snapshot() == before


@pytest.fixture
def locked(left: HandMadeSweep) -> Iterator[HandMadeSweep]:
    """Another program keeps the database to itself."""
    with closing(sqlite3.connect(left.home.root / "mlflow.db", isolation_level=None)) as other:
        other.execute("begin exclusive")
        yield left


def test_a_locked_database_is_told_soon_and_the_next_command_does_it(locked: HandMadeSweep) -> None:
    started = time.monotonic()
    said = settle(locked.home)
    assert time.monotonic() - started < 20
    assert "is locked by another program" in said
    assert said.endswith("the next command tries again")


def test_after_a_locked_database_comes_free_it_is_done(left: HandMadeSweep) -> None:
    with closing(sqlite3.connect(left.home.root / "mlflow.db", isolation_level=None)) as other:
        other.execute("begin exclusive")
        assert settle(left.home)
    assert settle(left.home) == ""
    assert "RUNNING" not in statuses(left).values()


def test_an_mlflow_that_hangs_is_not_waited_for(left: HandMadeSweep, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr("orchestrator.record.settling.open_record", lambda *_, **__: released.wait())
    assert "did not keep up within 0.2 s" in settle(left.home, deadline_s=0.2)
    released.set()


def test_a_damaged_plan_is_told_and_does_not_raise(left: HandMadeSweep) -> None:
    left.home.store().replace(SweepPaths(left.name).plan, b"damaged")
    assert "no sweep 'small'" in settle(left.home)


def test_a_finished_cell_whose_files_are_damaged_is_not_left_running(left: HandMadeSweep) -> None:
    finished = left.keys[1]
    for predictions in (left.home.root / "cells" / finished / "files").glob("test-*.parquet"):
        predictions.write_bytes(b"not what was stored")
    assert "damaged" in settle(left.home)
    assert "RUNNING" not in statuses(left).values()
    assert settle(left.home) == ""


@pytest.fixture
def left_at_server(tmp_path: Path, mlflow_server: MlflowServer) -> HandMadeSweep:
    """Recorded at a server by a driver that then died, with a cell under way."""
    sweep = HandMadeSweep(Home(tmp_path / "home"), name=f"small-{uuid.uuid4().hex}", uri=mlflow_server.uri)
    sweep.take_up(sweep.keys[0])
    lease = sweep.hold(sweep.keys[0])
    note_shown(sweep.home, sweep.name, sweep.uri)
    record = open_record(sweep.home, sweep.name, sweep.uri)
    record.record_cell(sweep.keys[0])
    record.record_progress()
    lease.release()
    assert set(statuses(sweep).values()) == {"RUNNING"}
    return sweep


def test_what_was_left_at_a_server_is_closed_there_and_asked_for_once(left_at_server: HandMadeSweep) -> None:
    home = left_at_server.home
    driver = Presence(home.store(), left_at_server.name).enter()
    assert settle(home) == ""
    assert set(statuses(left_at_server).values()) == {"RUNNING"}, "a living driver's stay"
    driver.leave()
    assert settle(home) == ""
    assert set(statuses(left_at_server).values()) == {"KILLED"}
    assert list(noted_shown(home)) == []


def test_a_server_that_is_away_holds_nobody_up_and_is_asked_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        uri = f"http://127.0.0.1:{gone.getsockname()[1]}"
    note_shown(home, "small", uri)
    started = time.monotonic()
    assert settle(home) == ""
    assert time.monotonic() - started < 10
    assert [shown.uri for shown in noted_shown(home)] == [uri]


@pytest.mark.parametrize(
    "uri",
    ["http://me:hunter2@host:5000", "http://hunter2@host:5000", "postgresql://host/runs?password=hunter2", ""],
)
def test_an_address_with_a_secret_and_the_homes_own_are_not_kept(uri: str, tmp_path: Path) -> None:
    home = Home(tmp_path)
    note_shown(home, "small", uri or home.tracking_uri)
    assert list(tmp_path.iterdir()) == []


def test_a_recorder_notes_its_server_while_it_records(left_at_server: HandMadeSweep) -> None:
    home, name, uri = left_at_server.home, left_at_server.name, left_at_server.uri
    forget_shown(home, name, uri)
    recorder = Recorder(home, name, uri)
    recorder.start()
    for _ in range(5000):
        if list(noted_shown(home)):
            break
        time.sleep(0.05)
    assert [(shown.sweep, shown.uri) for shown in noted_shown(home)] == [(name, uri)]
    assert recorder.finish(250).error == ""
    assert list(noted_shown(home)) == []


@pytest.fixture
def elsewhere(sweep: HandMadeSweep, empty_database: Path) -> HandMadeSweep:
    """A sweep that is recorded in another database than its home's."""
    path = sweep.home.root / "shared.db"
    shutil.copy(empty_database, path)
    sweep.uri = f"sqlite:///{path}"
    sweep.finish(sweep.keys[0])
    return sweep


def test_what_a_killed_sync_has_left_running_elsewhere_is_closed_by_the_next_command(
    elsewhere: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(CellRuns, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            sync_sweep(elsewhere.home, elsewhere.name, elsewhere.uri)
    assert statuses(elsewhere) == {"the sweep": "RUNNING"}
    assert settle(elsewhere.home) == ""
    assert statuses(elsewhere) == {"the sweep": "KILLED"}
    assert list(noted_shown(elsewhere.home)) == []


def test_a_sync_that_ends_leaves_no_note_unless_a_driver_lives(elsewhere: HandMadeSweep) -> None:
    home, name, uri = elsewhere.home, elsewhere.name, elsewhere.uri
    driver = Presence(home.store(), name).enter()
    assert sync_sweep(home, name, uri).error == ""
    assert [(shown.sweep, shown.uri) for shown in noted_shown(home)] == [(name, uri)]
    driver.leave()
    assert sync_sweep(home, name, uri).error == ""
    assert list(noted_shown(home)) == []
