"""Shared by the tests that start real processes."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from in_process import Disturb, without_ray
from ledger import note_nothing_lost
from mlflow_server import MlflowServer
from processes import TINY_QUICKSTART, Run, Start
from s3_storage import S3Server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    fault = item.get_closest_marker("fault")
    if fault is not None and report.when == "call" and report.passed:
        note_nothing_lost(fault.args[0])
    return report


@pytest.fixture(scope="session", autouse=True)
def _signals_are_heard() -> None:
    """A shell, or nohup, that runs the tests in the background has them ignore these, and what they start, too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _process_as_it_was() -> Iterator[None]:
    """What a cell sets is for the cell: hypothesis, for one, draws denormal numbers and finds them gone."""
    torch.set_num_threads(1)
    yield
    torch.set_flush_denormal(False)
    torch.set_deterministic_debug_mode("default")


@pytest.fixture(scope="session")
def start_seedwise() -> Start:
    """Starts the command line as a process of its own."""

    def start(*arguments: str, home: Path, **options: bool) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", "from orchestrator.cli import main; main()", *arguments]
        return subprocess.Popen(
            [*command, "--home", str(home)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
        )

    return start


@pytest.fixture(scope="session")
def seedwise(start_seedwise) -> Run:
    """Runs the command line to its end; `code` is the exit code that must come."""

    def run(*arguments: str, home: Path, code: int = 0) -> "subprocess.CompletedProcess[str]":
        process = start_seedwise(*arguments, home=home)
        out, err = process.communicate()
        assert process.returncode == code, out + err
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return run


@pytest.fixture
def here(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """As `seedwise`, in this process and without Ray: where neither is the subject, in a third of the time.

    `disturb`: called before each step of a cell.
    """
    from orchestrator.cli import main

    def run(
        *arguments: str, home: Path, code: int = 0, disturb: Disturb = lambda cell, number: None
    ) -> "subprocess.CompletedProcess[str]":
        without_ray(monkeypatch, disturb)
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main([*arguments, "--home", str(home)])
        out, err = capfd.readouterr()
        assert int(left.value.code or 0) == code, out + err
        return subprocess.CompletedProcess(arguments, code, out, err)

    return run


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory) -> Iterator[MlflowServer]:
    """A server for all tests that need one: it takes several seconds to start. Not to be killed."""
    server = MlflowServer(tmp_path_factory.mktemp("mlflow server"))
    try:
        yield server.start()
    finally:
        server.kill()


@pytest.fixture(scope="session")
def undisturbed_home(tmp_path_factory, seedwise) -> Path:
    """A home in which the tiny quickstart has been run, without a disturbance. Not to be changed."""
    home: Path = tmp_path_factory.mktemp("undisturbed")
    done = seedwise(*TINY_QUICKSTART, home=home)
    (home / "output.txt").write_text(done.stdout)
    assert done.stderr == ""
    return home


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """An S3 on loopback."""
    with S3Server() as server:
        yield server


@pytest.fixture
def bucket(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty bucket on it, with what its clients must find in the environment."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return s3.new_bucket()
