"""What `seedwise ui` says before it becomes MLflow's server."""

import os
import socket
from pathlib import Path

import pytest

from orchestrator.cli import page
from orchestrator.cli.page import serve_page
from trainables.errors import MachineError, UserError


def test_the_runs_of_each_sweep_are_one_click_away(
    used_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    become: list[list[str]] = []
    monkeypatch.setattr(os, "execvp", lambda _program, command: become.append(command))
    monkeypatch.setattr(page, "run_pages", lambda _uri, sweeps: {sweep: f"/#/{sweep}" for sweep in sweeps})
    (used_home / "mlflow.db").touch()
    serve_page(used_home, None, 5011)
    said = capsys.readouterr().out
    assert said == "earlier: http://127.0.0.1:5011/#/earlier\nhttp://127.0.0.1:5011 (Ctrl-C ends it)\n"
    (command,) = become
    assert command[command.index("--port") + 1] == "5011"


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
