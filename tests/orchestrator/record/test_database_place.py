"""Where MLflow's embedded database can lie: a file system that does not lock is refused, a shared one is named."""

import sqlite3
from pathlib import Path
from typing import NoReturn

import pytest

from orchestrator.cli.checkup import _mlflow
from orchestrator.record.database_place import refuse_without_locks, shared_kind
from orchestrator.store import Home
from trainables.errors import MachineError

MOUNTS = r"""/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/my\040disk xfs rw 0 0
10.0.0.1@tcp:/scratch /scratch lustre rw 0 0
cluster:/volume /volume fuse.glusterfs rw 0 0
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mounts"
    path.write_text(MOUNTS)
    return path


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/me/mlruns", "nfs4"),
        ("/scratch", "lustre"),
        ("/volume/not/there/yet", "fuse.glusterfs"),
        ("/home/my disk/mlruns", ""),
        ("/homes/me", ""),
        ("/", ""),
    ],
)
def test_of_file_systems_those_that_machines_share_are_named(folder: str, kind: str, mounts: Path) -> None:
    assert shared_kind(Path(folder), mounts) == kind


def test_where_the_system_does_not_tell_nothing_is_said(tmp_path: Path) -> None:
    assert shared_kind(tmp_path, tmp_path / "none") == ""


def test_a_disk_that_locks_is_left_as_it_was(tmp_path: Path) -> None:
    refuse_without_locks(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_that_does_not_lock_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unlocked:
        def execute(self, _: str) -> NoReturn:
            raise sqlite3.OperationalError("database is locked")

        def close(self) -> None: ...

    monkeypatch.setattr(sqlite3, "connect", lambda *_, **__: Unlocked())
    with pytest.raises(MachineError, match=r"\(database is locked\), as where a file system .*--store file"):
        refuse_without_locks(tmp_path)


def test_doctor_says_so_of_a_home_and_not_of_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.cli.checkup.shared_kind", lambda _: "nfs4")
    monkeypatch.setattr("orchestrator.cli.checkup.reachable", lambda _: None)
    for home in (tmp_path, tmp_path / "not there yet"):
        found = _mlflow(None, Home(home))
        assert not isinstance(found, str)
        assert found.state == "note"
        assert "mlflow.db lies on nfs4, which SQLite is not made for" in found.said
    assert _mlflow("http://127.0.0.1:5000", Home(tmp_path)) == "http://127.0.0.1:5000 answers"
