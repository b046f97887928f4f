"""The driver dies without a word, again and again; the same command finishes the sweep as if nothing had happened."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient

from orchestrator.results import ResultTable
from orchestrator.store import Home

SEEDS = 2
EPOCHS = 2
COMMAND = [
    *(sys.executable, "-c", "from orchestrator.cli import main; main()"),
    *("run", "quickstart", "--seeds", str(SEEDS), "--set", f"training.epochs={EPOCHS}"),
    *("--set", "split.limit_rows=300", "--set", "data.train_rows=600", "--set", "data.test_rows=900"),
]


@contextmanager
def driver(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The sweep's command, killed at the latest on leaving."""
    process = subprocess.Popen([*COMMAND, "--home", str(home)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(condition, process: subprocess.Popen[bytes], limit_s: float = 120.0) -> None:
    deadline = time.time() + limit_s
    while not condition():
        assert process.poll() is None, "the driver ended before it was killed"
        assert time.time() < deadline, "what the test waits for did not happen"
        time.sleep(0.02)


def epochs_stored(home: Path) -> int:
    return len(list(home.glob("cells/*/history/*.json")))


def finished_cells(home: Path) -> dict[Path, bytes]:
    """The files of finished cells. A worker outlives its driver long enough to tidy leases and checkpoints away."""
    cells = [result.parent for result in home.glob("cells/*/result.json")]
    files = [file for cell in cells for file in cell.rglob("*.*") if not file.name.startswith(".aside-")]
    return {file: file.read_bytes() for file in files if file.parent.name not in ("lease", "checkpoint")}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> ResultTable:
    home = tmp_path_factory.mktemp("undisturbed")
    subprocess.run([*COMMAND, "--home", str(home)], check=True, stdout=subprocess.DEVNULL)
    return ResultTable.open("quickstart", home)


@pytest.mark.timeout(600)
def test_five_kills_lose_nothing_train_nothing_twice_and_record_nothing_twice(tmp_path, undisturbed):
    home, moments = tmp_path / "home", random.Random(7)

    with driver(home) as process:  # somewhere in the start-up
        time.sleep(moments.uniform(1.0, 4.0))
    for _ in range(3):  # while cells train
        stored, before = epochs_stored(home), finished_cells(home)
        with driver(home) as process:
            wait_until(lambda stored=stored: epochs_stored(home) > stored, process)
            time.sleep(moments.uniform(0.0, 0.4))
        assert finished_cells(home).items() >= before.items()
    before = finished_cells(home)
    kill_between_result_and_record(home)
    assert finished_cells(home).items() >= before.items()

    before = finished_cells(home)
    subprocess.run([*COMMAND, "--home", str(home)], check=True, stdout=subprocess.DEVNULL)

    assert finished_cells(home).items() >= before.items()
    assert_same_as(undisturbed, ResultTable.open("quickstart", home))
    assert_recorded_once(home)


def kill_between_result_and_record(home: Path) -> None:
    """Whoever writes to MLflow's database waits while this holds it; the next result is stored all the same."""
    results = len(list(home.glob("cells/*/result.json")))
    database = sqlite3.connect(home / "mlflow.db", isolation_level=None)
    try:
        with driver(home) as process:
            database.execute("begin exclusive")
            wait_until(lambda: len(list(home.glob("cells/*/result.json"))) > results, process)
            process.send_signal(signal.SIGKILL)
            process.wait()
    finally:
        database.close()


def assert_same_as(expected: ResultTable, actual: ResultTable) -> None:
    """Bit for bit, but for times and speed."""
    timing = ["epoch_seconds", "tokens_per_second"]
    pd.testing.assert_frame_equal(actual.frame, expected.frame, check_exact=True)
    pd.testing.assert_frame_equal(
        actual.histories.drop(columns=timing), expected.histories.drop(columns=timing), check_exact=True
    )
    for part in ("validation", "test"):
        pd.testing.assert_frame_equal(actual.predictions(part), expected.predictions(part), check_exact=True)
    for key in actual.frame["key"]:
        mine, theirs = actual.cells.weights(key), expected.cells.weights(key)
        assert all(mine[name].equal(theirs[name]) for name in theirs)


def assert_recorded_once(home: Path) -> None:
    """One parent, one child a cell, each metric once an epoch, all finished."""
    client = MlflowClient(Home(home).tracking_uri)
    runs = client.search_runs([e.experiment_id for e in client.search_experiments()])
    children = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    assert len(runs) - len(children) == 1
    keys = ResultTable.open("quickstart", home).frame["key"]
    assert sorted(run.data.tags["seedwise.cell"] for run in children) == sorted(keys)
    assert {run.info.status for run in runs} == {"FINISHED"}
    for run in children:
        points = client.get_metric_history(run.info.run_id, "validation_accuracy")
        assert [point.step for point in points] == list(range(1, EPOCHS + 1))
