"""What `seedwise ui` says, and what it becomes."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestrator.cli import page, page_up
from orchestrator.cli.page import serve_page
from orchestrator.cli.page_up import announce
from trainables.errors import MachineError, UserError


@pytest.fixture
def served(used_home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What `serve_page` starts and becomes, if nothing is started: the argument lists."""
    lists: dict[str, list[str]] = {}
    monkeypatch.setattr(page.os, "execvp", lambda _program, command: lists.update(became=command))
    monkeypatch.setattr(page.os, "dup2", lambda *_: None)
    monkeypatch.setattr(page.subprocess, "Popen", lambda command: lists.update(beside=command))
    monkeypatch.setattr(page, "run_pages", lambda _uri, sweeps: {sweep: f"/#/{sweep}" for sweep in sweeps})
    (used_home / "mlflow.db").touch()
    return lists


def test_the_runs_of_each_sweep_are_one_click_away_once_the_page_is_there(
    used_home: Path, served: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    serve_page(used_home, None, 5011)
    where = f"; what its server says is in {used_home}/logs/ui.log"
    assert capsys.readouterr().out == f"MLflow's page takes some seconds to start{where}\n"
    became = served["became"]
    assert became[became.index("--port") + 1] == "5011"
    lines = ["earlier: http://127.0.0.1:5011/#/earlier", "http://127.0.0.1:5011 (Ctrl-C ends it)"]
    assert served["beside"][1:] == ["-m", "orchestrator.cli.page_up", str(os.getpid()), "5011", where, *lines]


def test_a_home_that_cannot_be_written_is_shown_all_the_same(
    used_home: Path, served: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    (used_home / "logs").write_text("no folder")
    serve_page(used_home, None, 5011)
    assert capsys.readouterr().out == "MLflow's page takes some seconds to start\n"
    assert served["became"]


def said_of(port: int, lives: bool, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    announce(port, "; see its log", ["here it is"], lambda: lives, wait_s=0.2)
    return tuple(capsys.readouterr())  # type: ignore[return-value]


def test_where_the_page_is_is_said_when_it_answers_and_why_it_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert said_of(port, True, capsys) == ("here it is\n", "")
    assert said_of(port, True, capsys) == ("", "MLflow's page is not there after 0 s; see its log\n")
    assert said_of(port, False, capsys) == ("", "MLflow's page has ended before it was there; see its log\n")


def test_the_page_is_announced_by_a_process_beside_its_server(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        words = [str(os.getpid()), str(server.getsockname()[1]), "; see its log", "here", "and there"]
        subprocess.run([sys.executable, "-m", "orchestrator.cli.page_up", *words], check=True, timeout=60)
    assert capfd.readouterr() == ("here\nand there\n", "")


def test_a_server_that_has_ended_before_its_page_is_awaited_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["page_up", "4194305", "1", "; see its log", "here"])  # no process has that id
    monkeypatch.setattr(page_up, "LONGEST_WAIT_S", 10.0)
    before, began = signal.getsignal(signal.SIGINT), time.monotonic()
    try:
        page_up.main()
        assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL, "Ctrl-C ends both, this one without a traceback"
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 5
    assert capsys.readouterr().err == "MLflow's page has ended before it was there; see its log\n"


def test_a_home_without_runs_is_told_and_not_filled(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing has been recorded in .*; run a sweep first, or name its home"):
        serve_page(tmp_path, None, 5011)
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(MachineError, match=rf"port {port} cannot be served on .*; choose another with --port"):
            serve_page(tmp_path, None, port)
