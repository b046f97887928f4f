"""MLflow goes away while a sweep trains: no cell notices, the end says how to catch up, and that does it."""

import re
import shlex
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from cells import assert_same_bits
from faulty_proxy import FaultyProxy
from ledger import note_nothing_lost
from mlflow_server import MlflowServer
from processes import PATIENCE_S, TINY_QUICKSTART
from recorded import assert_recorded_once, everything, statuses

from orchestrator.results import ResultTable

Done = Callable[[], bool]


def wait_until(condition: Done, process) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        time.sleep(0.02)


def records(home: Path, names: str) -> int:
    return len(list(home.glob(f"cells/*/{names}")))


def sync_line(said: str) -> list[str]:
    """The words of the command that catches up, as it is printed to be pasted, without `seedwise` and its home."""
    (line,) = [line.removeprefix("next:").strip() for line in said.splitlines() if " sync quickstart" in line]
    program, *words = shlex.split(line.split("  record in MLflow")[0])
    assert program.endswith(("seedwise", "-c"))
    at = words.index("--home")
    return words[:at] + words[at + 2 :]


def assert_caught_up(said: str, home: Path, uri: str, seedwise, undisturbed_home: Path) -> None:
    words = sync_line(said)
    assert words == ["sync", "quickstart", "--tracking-uri", uri]
    assert seedwise(*words, home=home).stdout == "4 cells are recorded, 0 are not\n"
    assert_same_bits(ResultTable.open("quickstart", home), ResultTable.open("quickstart", undisturbed_home))
    assert_recorded_once(home, "quickstart", epochs=2, uri=uri)
    once = everything(home, uri)
    seedwise(*words, home=home)
    assert everything(home, uri) == once
    note_nothing_lost("MLflow's server lost while cells train, and back")


@pytest.mark.campaign  # quicker, with the recorder alone: orchestrator/record/test_faulty_server.py
def test_a_server_lost_in_the_middle_and_away_at_the_next_start_is_caught_up_by_the_line_that_is_printed(
    tmp_path, start_seedwise, here, undisturbed_home, mlflow_server: MlflowServer
):
    with FaultyProxy(mlflow_server.port) as proxy:
        command = (*TINY_QUICKSTART, "--tracking-uri", proxy.uri)
        process = start_seedwise(*command, home=tmp_path)
        wait_until(lambda: any("log-batch" in request for request in proxy.requests), process)
        with proxy.away():
            out, err = process.communicate(timeout=PATIENCE_S)
            assert process.returncode == 0, out + err
            assert "4 of 4 cells finished" in out
            assert re.search("MLflow is [1-4] cells? behind", out), out
            assert "Traceback" not in out + err

            again = here(*command, home=tmp_path)
            assert f"MLflow at {proxy.uri} does not answer" in again.stdout
            assert "4 before, 0 in" in again.stdout
        assert_caught_up(out, tmp_path, proxy.uri, here, undisturbed_home)


@pytest.mark.campaign
def test_a_killed_server_that_is_back_after_the_sweep_is_caught_up(
    tmp_path, start_seedwise, seedwise, undisturbed_home
):
    home = tmp_path / "home"
    with own_server(tmp_path) as server:
        process = start_seedwise(*TINY_QUICKSTART, "--tracking-uri", server.uri, home=home)
        wait_until(lambda: records(home, "history/0001.json") > 0, process)
        server.kill()
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, out + err
        server.start()
        assert_caught_up(out, home, server.uri, seedwise, undisturbed_home)


@pytest.mark.campaign
def test_a_killed_server_that_is_back_while_cells_train_is_caught_up(tmp_path, start_seedwise):
    for epochs in (40, 400, 4000):  # until the cells take longer than the server to be back
        home = tmp_path / str(epochs)
        longer = ("--set", f"training.epochs={epochs}")
        with own_server(home) as server:
            process = start_seedwise(*TINY_QUICKSTART, *longer, "--tracking-uri", server.uri, home=home)
            wait_until(lambda home=home: records(home, "history/0001.json") > 0, process)
            server.kill()
            server.start()
            done = records(home, "result.json")
            out, err = process.communicate(timeout=PATIENCE_S)
            assert process.returncode == 0, out + err
            if done == 4:
                continue
            assert "behind" not in out
            assert_recorded_once(home, "quickstart", epochs=epochs, uri=server.uri)
        note_nothing_lost("MLflow's server killed, and back while cells train")
        return
    raise AssertionError("the server was never back before the cells were done")


@contextmanager
def own_server(beside: Path) -> Iterator[MlflowServer]:
    """One that may be killed."""
    (beside / "server").mkdir(parents=True)
    server = MlflowServer(beside / "server").start()
    try:
        yield server
    finally:
        server.kill()


@pytest.mark.campaign
def test_after_a_killed_driver_the_next_command_leaves_no_run_running(tmp_path, start_seedwise, here):
    long = (*TINY_QUICKSTART, "--set", "training.epochs=2000")
    process = start_seedwise(*long, home=tmp_path)
    try:
        wait_until(lambda: records(tmp_path, "history/*.json") > 0, process)
        wait_until(lambda: (tmp_path / "mlflow.db").exists(), process)
        wait_until(lambda: ("RUNNING", "running") in statuses(tmp_path).values(), process)
        running = statuses(tmp_path)
        here("compare", "quickstart", home=tmp_path)
        assert statuses(tmp_path).items() >= running.items(), "a living driver's runs stay as they are"
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
    assert ("RUNNING", "") in statuses(tmp_path).values()
    compared = here("compare", "quickstart", home=tmp_path)
    assert compared.stderr == ""
    assert set(statuses(tmp_path).values()) == {("KILLED", ""), ("KILLED", "interrupted")}


@pytest.mark.campaign
def test_a_driver_that_is_asked_to_stop_while_the_database_is_locked_does_not_wait_and_the_next_command_settles_it(
    tmp_path, start_seedwise, seedwise
):
    long = (*TINY_QUICKSTART, "--set", "training.epochs=2000")
    process = start_seedwise(*long, home=tmp_path)
    wait_until(lambda: (tmp_path / "mlflow.db").exists(), process)
    wait_until(lambda: ("RUNNING", "running") in statuses(tmp_path).values(), process)
    with closing(sqlite3.connect(tmp_path / "mlflow.db", isolation_level=None, timeout=PATIENCE_S)) as other:
        other.execute("begin exclusive")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode not in (0, None), out + err
    assert "Traceback" not in out + err
    assert ("RUNNING", "running") in statuses(tmp_path).values()
    seedwise("compare", "quickstart", home=tmp_path)
    assert set(statuses(tmp_path).values()) == {("KILLED", ""), ("KILLED", "interrupted")}
