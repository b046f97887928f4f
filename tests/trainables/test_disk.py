"""A disk without room: known by what the system says, and told with its place and what is free there."""

import errno
import os
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from trainables.data.encodings import load_encoding
from trainables.disk import free, has_no_temporary_space, is_full, no_space, no_temporary_space
from trainables.errors import VocabularyError


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every disk, up to its last 4096 bytes."""
    disk = SimpleNamespace(f_bavail=1, f_frsize=4096, f_files=1000, f_favail=500)
    monkeypatch.setattr(os, "statvfs", lambda folder: disk)


def no_room(*_: Any, **__: Any) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_free_says_is_what_the_system_says_of_the_nearest_folder_that_is_there(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)
    assert free(tmp_path / "not" / "there") == pytest.approx(disk.f_bavail * disk.f_frsize, rel=0.1)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_known_also_behind_another_error(number: int) -> None:
    behind = RuntimeError("Tune cannot save")
    behind.__cause__ = OSError(number, os.strerror(number))
    assert is_full(behind)
    assert is_full(behind.__cause__)


def test_other_failures_are_not_taken_for_a_full_disk() -> None:
    assert not is_full(OSError(errno.EACCES, "Permission denied"))
    assert not is_full(RuntimeError("No space left on device"))


@pytest.mark.usefixtures("full")
def test_a_full_temporary_folder_is_told_with_its_place_and_the_remedy() -> None:
    assert has_no_temporary_space()
    assert no_temporary_space("what Ray keeps") == (
        f"what Ray keeps cannot be written in {tempfile.gettempdir()}: no space is left on its disk: 4.1 kB are "
        "free; free some, or name another folder with TMPDIR"
    )


def test_a_disk_without_inodes_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "statvfs", lambda folder: SimpleNamespace(f_files=1000, f_favail=1))
    assert no_space(tmp_path) == "its disk has room for no more files, however small (no inodes are left)"


@pytest.mark.usefixtures("full")
def test_a_vocabulary_without_a_place_to_be_unpacked_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiktoken.registry.ENCODINGS", {})
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    monkeypatch.setattr(Path, "write_bytes", no_room)
    with pytest.raises(VocabularyError) as caught:
        load_encoding("cl100k_base")
    assert str(caught.value) == no_temporary_space("tokens.encoding: the vocabulary of cl100k_base")
