"""A home that cannot be had, or has no room, is told before anything is begun."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest
from in_process import without_ray
from said import Call
from small_disk import small_disk
from spoken import SOUND, Refused, says

from orchestrator.run.experiments import Experiments
from trainables.data.sources import SyntheticSource


@pytest.fixture(autouse=True)
def _a_sound_sweep() -> None:
    Path("ok.yaml").write_text(SOUND)


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize("below", ["", "/deeper/still"])
def test_a_home_that_is_a_file_is_refused(command: str, below: str, refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    said = refused(command, "ok.yaml", home=Path(f"{tmp_path}/file{below}"))
    inside = f" would lie in {tmp_path}/file, which" if below else ""
    assert said == (
        f"the home {tmp_path}/file{below}{inside} is a file, not a folder; choose another place with --home"
    )
    assert (tmp_path / "file").read_text() == "precious"


def test_a_home_that_may_not_be_written_is_refused(
    refused: Refused, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To root, who runs tests in containers, every folder is open.
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    assert refused("run", "ok.yaml", home=home) == (
        f"the home {home} cannot be written: permission is denied; choose a place that you may write to with --home"
    )


def test_a_home_on_a_disk_that_is_mounted_read_only_is_refused_as_that(
    refused: Refused, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_flag=os.ST_RDONLY | os.ST_NOATIME))
    assert refused("run", "ok.yaml", home=home) == (
        f"the home {home} cannot be written: its file system is read-only; choose another place with --home"
    )


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 KiB."""
    with small_disk(tmp_path / "tiny", "size=16k") as place:
        yield place


NO_SPACE = "no space is left on its disk: …B are free; free some, or choose another place with --home"
NEEDED = NO_SPACE.replace("disk: …", "disk: this takes …B, and …")


def test_a_disk_without_room_for_the_tokens_is_told(tiny_disk: Path, refused: Refused) -> None:
    said = refused("run", "ok.yaml", home=tiny_disk)
    assert says(said, f"the tokens cannot be written in {tiny_disk}: {NO_SPACE}"), said


def test_a_disk_that_fills_while_numpy_writes_is_told_likewise(
    refused: Refused, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_written(file: Any, array: Any) -> NoReturn:
        raise OSError("4000 requested and 512 written")

    monkeypatch.setattr(np, "save", half_written)
    said = refused("plan", "ok.yaml", home=home)
    assert says(said, f"the tokens cannot be written in {home}: {NO_SPACE}"), said
    assert [path for path in (home / "tokens").iterdir() if path.suffix != ".lock"] == []


def test_a_disk_without_room_for_a_record_is_told_before_a_trial_is_launched(
    refused: Refused, used_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def launched(*_: Any) -> NoReturn:
        raise AssertionError("a trial was launched")

    without_ray(monkeypatch)
    monkeypatch.setattr(Experiments, "over", launched)
    monkeypatch.setattr(os, "fsync", full)
    said = refused("run", "ok.yaml", home=used_home)
    assert says(
        said, f"{used_home}/cells/…/settings.json cannot be written: {NEEDED}…run the same command to go on"
    ), said


def test_what_fails_outside_the_home_is_not_blamed_on_it(
    call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(_: SyntheticSource) -> NoReturn:
        raise OSError(errno.EIO, os.strerror(errno.EIO), "/elsewhere/data")

    monkeypatch.setattr(SyntheticSource, "load", load)
    with pytest.raises(OSError, match="/elsewhere/data"):
        call("plan", "ok.yaml", "--home", str(new_home))
