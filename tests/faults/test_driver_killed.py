"""The driver dies without a word, again and again; the same command finishes the sweep as if nothing had been."""

import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cells import finished_files
from ledger import assert_as_undisturbed
from processes import PATIENCE_S, TINY_QUICKSTART, Start

Process = subprocess.Popen[str]


@contextmanager
def killed_driver(start: Start, home: Path) -> Iterator[Process]:
    """The sweep's command, killed on leaving."""
    process = start(*TINY_QUICKSTART, home=home)
    try:
        yield process
        assert process.poll() is None, "the driver ended before it was killed"
    finally:
        process.kill()
        process.communicate()


def wait_until(condition: Callable[[], bool], process: Process) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert process.poll() is None, "the driver ended before it was killed"
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        time.sleep(0.02)


def count(home: Path, records: str) -> int:
    return len(list(home.glob(f"cells/*/{records}")))


def test_kills_lose_nothing_train_nothing_twice_and_record_nothing_twice(
    tmp_path, start_seedwise, here, undisturbed_home, ray_folder
):
    moments = random.Random(7)
    with killed_driver(start_seedwise, tmp_path):  # somewhere in the start-up
        time.sleep(moments.uniform(1.0, 4.0))
    with killed_driver(start_seedwise, tmp_path) as process:  # while cells train
        wait_until(lambda: count(tmp_path, "history/*.json") > 0, process)
        time.sleep(moments.uniform(0.0, 0.4))
    assert any(ray_folder.iterdir())
    shutil.rmtree(ray_folder, ignore_errors=True)  # what Ray has left is not missed, either
    before = finished_files(tmp_path)
    kill_between_result_and_record(start_seedwise, tmp_path)
    assert finished_files(tmp_path).items() >= before.items()

    before = finished_files(tmp_path)
    here(*TINY_QUICKSTART, home=tmp_path)

    assert finished_files(tmp_path).items() >= before.items()
    assert_as_undisturbed("driver killed (SIGKILL)", tmp_path, undisturbed_home, kills=3)


def kill_between_result_and_record(start: Start, home: Path) -> None:
    """Whoever writes to MLflow's database waits while this holds it; the next result is stored all the same."""
    results = count(home, "result.json")
    database = sqlite3.connect(home / "mlflow.db", isolation_level=None)
    try:
        with killed_driver(start, home) as process:
            database.execute("begin exclusive")
            wait_until(lambda: count(home, "result.json") > results, process)
    finally:
        database.close()
