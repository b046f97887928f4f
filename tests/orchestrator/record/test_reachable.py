"""An address where MLflow cannot be had is told before anything is launched."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hand_made import HandMadeSweep

from orchestrator.record import reachable, run_pages, sync_sweep, ui_command
from trainables.errors import MachineError


@pytest.fixture
def silent_port() -> int:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_server_that_is_not_there_is_named_with_the_remedy() -> None:
    with pytest.raises(MachineError, match=r"http://127\.0\.0\.1:9 cannot be used.*start the server"):
        reachable("http://127.0.0.1:9")


class _NoMLflow(BaseHTTPRequestHandler):
    """A web server, but of another kind."""

    def do_GET(self) -> None:
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"<html>" + b"nothing to see here " * 100 + b"</html>")

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def another_server() -> Iterator[int]:
    """The port of a web server that is not MLflow's."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _NoMLflow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:9", "Connection refused"),
        ("http://127.0.0.1:notaport", "Failed to parse: '127.0.0.1:notaport' is not a valid host or port"),
        (
            "http://127.0.0.1:{}",
            "API request to endpoint /api/2.0/mlflow/experiments/search failed with error code 404",
        ),
        ("https://127.0.0.1:{}", "[SSL"),
    ],
)
def test_what_is_wrong_is_said_whole_and_in_short(address: str, said: str, another_server: int) -> None:
    uri = address.format(another_server)
    with pytest.raises(MachineError) as refused:
        reachable(uri)
    problem = str(refused.value).removeprefix(f"MLflow at {uri} cannot be used: ").split("; start the server")[0]
    assert problem.startswith(said)
    assert len(problem) <= 200
    assert "\n" not in problem
    assert problem == said or problem.endswith((" …", ")"))


def test_a_server_that_does_not_answer_is_not_waited_for(silent_port: int) -> None:
    started = time.monotonic()
    with pytest.raises(MachineError, match=r"no answer within 0\.5 s"):
        reachable(f"http://127.0.0.1:{silent_port}", timeout_s=0.5)
    assert time.monotonic() - started < 5


def test_a_database_whose_driver_is_missing_is_told() -> None:
    with pytest.raises(MachineError, match="postgresql"):
        reachable("postgresql://nobody@127.0.0.1:9/nothing")


@pytest.mark.parametrize("uri", ["mlruns", "./mlruns", "file:///tmp/mlruns", "C:\\mlruns"])
def test_a_folder_is_refused_with_what_to_write_instead(uri: str) -> None:
    with pytest.raises(MachineError, match=r"a folder.*sqlite:////"):
        reachable(uri)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    path.write_text("this is a text, and long enough to be no SQLite header at all" * 10)
    with pytest.raises(MachineError, match="not a database"):
        reachable(f"sqlite:///{path}")


def test_a_database_under_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MachineError, match="not a folder"):
        reachable(f"sqlite:///{tmp_path}/file/mlflow.db")


def test_the_embedded_database_is_well_before_it_is_made_and_after(sweep: HandMadeSweep, tmp_path: Path) -> None:
    reachable(sweep.home.tracking_uri)
    reachable(f"sqlite:///{tmp_path}/not/yet/mlflow.db")
    assert not (tmp_path / "not").exists()


def test_the_page_is_served_from_the_database_that_is_recorded_in(sweep: HandMadeSweep) -> None:
    command = ui_command(sweep.home.tracking_uri, sweep.home.artifacts)
    assert command[command.index("--backend-store-uri") + 1] == sweep.home.tracking_uri
    with pytest.raises(MachineError, match="open it in a browser"):
        ui_command("http://127.0.0.1:5000", sweep.home.artifacts)


def test_the_page_of_a_sweep_is_the_list_of_its_runs(sweep: HandMadeSweep) -> None:
    sync_sweep(sweep.home, sweep.name)
    experiment = sweep.client.get_experiment_by_name(sweep.name).experiment_id
    assert run_pages(sweep.home.tracking_uri, [sweep.name, "not recorded here"]) == {
        sweep.name: f"/#/experiments/{experiment}/runs?workflowType=machine_learning&viewStateShareKey=seedwise"
    }
    sweep.client.delete_experiment(experiment)
    assert run_pages(sweep.home.tracking_uri, [sweep.name]) == {}


def test_to_ask_for_pages_makes_no_database(tmp_path: Path) -> None:
    assert run_pages(f"sqlite:///{tmp_path}/mlflow.db", ["a sweep"]) == {}
    assert not list(tmp_path.iterdir())


def test_the_page_is_served_by_one_process_and_no_job_runner(
    sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "true")
    command = ui_command(sweep.home.tracking_uri, sweep.home.artifacts)
    assert command[command.index("--workers") + 1] == "1"
    assert os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"


def test_the_server_of_the_page_says_what_is_wrong_and_nothing_of_each_request(sweep: HandMadeSweep) -> None:
    command = ui_command(sweep.home.tracking_uri, sweep.home.artifacts)
    assert command[command.index("--uvicorn-opts") + 1] == "--log-level warning"
