"""Tune's folders: one's own goes at the end, those of dead drivers go, those of living ones stay."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestrator.run.scratch import drop_abandoned_scratch, tune_scratch

HOLDER = """
import sys
from orchestrator.run.scratch import tune_scratch
with tune_scratch() as folder:
    (folder / "state.json").write_text("half of i")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this test's own for temporary files, also in processes that it starts."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def driver() -> "tuple[subprocess.Popen[str], Path]":
    """A process that holds a folder until it is killed or its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_folder_is_there_while_it_is_needed_and_gone_afterwards(temporary: Path) -> None:
    with tune_scratch() as folder:
        assert folder.is_dir()
        assert folder.parent == temporary
        (folder / "state.json").touch()
    assert list(temporary.iterdir()) == []


def test_it_is_gone_though_the_run_raised(temporary: Path) -> None:
    with pytest.raises(KeyboardInterrupt), tune_scratch():
        raise KeyboardInterrupt
    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_living_driver_stays_and_that_of_a_killed_one_goes_with_the_next(temporary: Path) -> None:
    process, folder = driver()
    try:
        with tune_scratch():
            assert (folder / "state.json").exists()
    finally:
        process.kill()
        process.wait()
    assert (folder / "state.json").exists()
    with tune_scratch() as own:
        assert list(temporary.iterdir()) == [own]


def test_a_folder_that_is_just_being_made_stays_and_an_old_empty_one_goes(temporary: Path) -> None:
    new, old, strange = (temporary / f"seedwise-tune-{name}" for name in ("new", "old", "strange"))
    for folder in (new, old, strange):
        folder.mkdir()
    (strange / "of another version").touch()
    for folder in (old, strange):
        os.utime(folder, (time.time() - 7200,) * 2)
    drop_abandoned_scratch()
    assert sorted(temporary.iterdir()) == [new, strange]
