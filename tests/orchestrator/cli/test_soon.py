"""What needs no torch is told without the seconds that it takes to be loaded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SAY_WHAT_IS_LOADED = """
import atexit, json, sys
heavy = {"torch", "pandas", "scipy", "ray", "mlflow", "matplotlib"}
atexit.register(lambda: print(json.dumps(sorted(heavy & sys.modules.keys())), file=sys.stderr))
from orchestrator.cli import main
main()
"""


def loaded_by(cwd: Path, *words: str) -> list[str]:
    """The heavy packages that a command line has loaded by its end."""
    ended = subprocess.run(
        [sys.executable, "-c", SAY_WHAT_IS_LOADED, *words], cwd=cwd, capture_output=True, text=True, timeout=60
    )
    return json.loads(ended.stderr.splitlines()[-1])  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "words", ["--help", "init my.yaml", "run quickstat", "plan --seed 3 quickstart", "compare nothing"]
)
def test_it_loads_nothing_heavy(words: str, tmp_path: Path) -> None:
    assert loaded_by(tmp_path, *words.split()) == []
