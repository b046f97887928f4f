"""Leases where /proc is missing, as on macOS, or hides others' processes: the living are respected there too."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.store import HeldElsewhereError, Holder, Lease, Store
from orchestrator.store.base import seal
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.holder import EXPIRES_AFTER_S

KEY = "0f" * 16
NAME = f"{CellPaths(KEY).lease}/000001.json"
NOW = 1_700_000_000.0


@pytest.fixture(autouse=True)
def _no_proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(path: str) -> Path:
        return tmp_path / f"there is no{path}" if path.startswith("/proc") else Path(path)

    monkeypatch.setattr("orchestrator.store.holder.Path", elsewhere)


@pytest.fixture
def hidepid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A /proc that shows a user's own processes alone: clusters mount it so."""

    def shown(path: str) -> Path:
        hidden = path.endswith("/stat") and path not in ("/proc/self/stat", f"/proc/{os.getpid()}/stat")
        return tmp_path / f"there is no{path}" if hidden else Path(path)

    monkeypatch.setattr("orchestrator.store.holder.Path", shown)


@pytest.fixture
def other() -> Iterator["subprocess.Popen[bytes]"]:
    """Another living process of this host."""
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def held_by(store: Store, process: "subprocess.Popen[bytes]") -> None:
    """A lease that the process took when it was alive."""
    assert process.poll() is None
    holder = Holder.this_process(NOW).model_copy(update={"pid": process.pid})
    store.create(NAME, seal(holder.model_dump()))


def test_a_living_holder_of_this_host_is_respected(store: Store, other: "subprocess.Popen[bytes]") -> None:
    held_by(store, other)
    with pytest.raises(HeldElsewhereError, match=f"held by process {other.pid} on "):
        Lease(store, CellPaths(KEY).lease, lambda: NOW).acquire()


def test_a_holder_whose_process_is_gone_is_taken_over_at_once(
    store: Store, other: "subprocess.Popen[bytes]"
) -> None:
    held_by(store, other)
    other.kill()
    other.wait()
    Lease(store, CellPaths(KEY).lease, lambda: NOW).acquire().release()
    assert [name > NAME for name in store.names(CellPaths(KEY).lease)] == [True]


def forbidden(pid: int, number: int) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_a_process_that_belongs_to_somebody_else_lives(
    store: Store, other: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    held_by(store, other)
    with monkeypatch.context() as another_user:
        another_user.setattr(os, "kill", forbidden)
        with pytest.raises(HeldElsewhereError):
            Lease(store, CellPaths(KEY).lease, lambda: NOW).acquire()


@pytest.mark.usefixtures("hidepid")
def test_a_process_that_proc_hides_lives_until_it_falls_silent(
    store: Store, other: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    held_by(store, other)
    with monkeypatch.context() as another_user:
        another_user.setattr(os, "kill", forbidden)
        with pytest.raises(HeldElsewhereError):
            Lease(store, CellPaths(KEY).lease, lambda: NOW).acquire()
        Lease(store, CellPaths(KEY).lease, lambda: NOW + EXPIRES_AFTER_S + 1).acquire()


@pytest.mark.usefixtures("hidepid")
def test_a_process_that_proc_hides_and_that_is_gone_is_taken_over_at_once(
    store: Store, other: "subprocess.Popen[bytes]"
) -> None:
    held_by(store, other)
    other.kill()
    other.wait()
    Lease(store, CellPaths(KEY).lease, lambda: NOW).acquire()


def test_a_process_that_has_the_number_of_a_dead_holder_keeps_it_no_longer_than_the_lease_lasts(
    store: Store, other: "subprocess.Popen[bytes]"
) -> None:
    """Without start times nothing else tells the two apart."""
    held_by(store, other)
    Lease(store, CellPaths(KEY).lease, lambda: NOW + EXPIRES_AFTER_S + 1).acquire()


def test_the_same_process_takes_up_its_own_cell_again(store: Store) -> None:
    Lease(store, CellPaths(KEY).lease, lambda: NOW).acquire()
    Lease(store, CellPaths(KEY).lease, lambda: NOW).acquire()
