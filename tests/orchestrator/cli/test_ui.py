"""What `seedwise ui` says before it becomes MLflow's server."""

import os
from pathlib import Path

import pytest

from orchestrator.cli import page
from orchestrator.cli.page import serve_page


def test_the_runs_of_each_sweep_are_one_click_away(
    used_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    become: list[list[str]] = []
    monkeypatch.setattr(os, "execvp", lambda _program, command: become.append(command))
    monkeypatch.setattr(page, "run_pages", lambda _uri, sweeps: {sweep: f"/#/{sweep}" for sweep in sweeps})
    serve_page(used_home, None, 5011)
    said = capsys.readouterr().out
    assert said == "earlier: http://127.0.0.1:5011/#/earlier\nhttp://127.0.0.1:5011 (Ctrl-C ends it)\n"
    (command,) = become
    assert command[command.index("--port") + 1] == "5011"
