"""A disk that is full, or takes no more files: told with what is needed, and what was stored stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_disk import small_disk

from orchestrator.store import LocalStore, StoreError


@pytest.fixture
def eight_files(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB and eight files."""
    with small_disk(tmp_path / "small", "size=64k,nr_inodes=8") as place:
        yield place


def test_a_full_disk_is_told_with_what_is_needed_and_what_is_free_and_goes_on_when_there_is_room(
    eight_files: Path,
) -> None:
    store = LocalStore(eight_files)
    store.create("first", bytes(40_000))
    with pytest.raises(StoreError, match=r"this takes 30\.0 kB, and 24\.6 kB are free; free some, or choose"):
        store.create("second", bytes(30_000))
    assert store.names("") == ["first"]
    store.delete("first")
    assert store.create("second", bytes(30_000))


def test_a_disk_that_takes_no_more_files_is_told_as_such(eight_files: Path) -> None:
    store = LocalStore(eight_files)
    for number in range(6):
        store.create(f"{number}", b"x")
    with pytest.raises(StoreError, match="has room for no more files, however small"):
        store.create("one more", b"x")
