"""The tiny quickstart as a process of its own, with everything real but Ray: faster, and easier to disturb."""

import fcntl
import os
import subprocess
import sys
import termios
import time
from pathlib import Path

from processes import PATIENCE_S, TINY_QUICKSTART

Process = subprocess.Popen[str]

ROOT = Path(__file__).parents[1]
BEGIN = "import pytest, in_process\ndisturb = lambda cell, number: None\n"
COMMAND = "in_process.without_ray(pytest.MonkeyPatch(), disturb)\nfrom orchestrator.cli import main; main()"


def start_without_ray(home: Path, sabotage: str = "", *words: str, terminal: int | None = None) -> Process:
    """`sabotage`: lines of Python that come before seedwise is imported; they may define `disturb`.

    `terminal`: one that is to be its own, instead of pipes.
    """
    stream = subprocess.PIPE if terminal is None else terminal
    return subprocess.Popen(
        [sys.executable, "-c", f"{BEGIN}{sabotage}\n{COMMAND}", *TINY_QUICKSTART, *words, "--home", str(home)],
        stdin=terminal,
        stdout=stream,
        stderr=stream,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        start_new_session=terminal is not None,
        preexec_fn=None if terminal is None else lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )


def ended(process: Process, code: int = 0) -> str:
    """What it said."""
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == code, out + err
    assert "Traceback" not in out + err
    return out


def wait_for(home: Path, pattern: str, process: Process) -> Path:
    """Until there is such a file."""
    while not (found := list(home.glob(pattern))):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    return found[0]
