"""A database that MLflow could not finish setting up is not left for the next run to stumble over; and one that
another version of MLflow has made is refused with what to do."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from orchestrator.record.imported import import_mlflow
from orchestrator.record.tracking import MlflowTracking
from trainables.errors import MachineError


def connect(folder: Path) -> MlflowTracking:
    return MlflowTracking(f"sqlite:///{folder}/mlflow.db", folder / "artifacts", folder / "mlflow.lock")


def test_a_set_up_that_breaks_off_leaves_nothing_and_the_next_one_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(tracking_uri: str) -> Any:
        with closing(sqlite3.connect(tracking_uri.removeprefix("sqlite:///"))) as database:
            database.execute("create table spans (trace_id text)")
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(import_mlflow(), "MlflowClient", break_off)
        with pytest.raises(OSError, match="no space left"):
            connect(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.lock"]

    assert connect(tmp_path).experiment("seedwise")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mlflow.db", "mlflow.lock"]


def test_a_database_that_is_there_is_taken_as_it_is(tmp_path: Path) -> None:
    made = connect(tmp_path).experiment("seedwise")
    assert connect(tmp_path).experiment("seedwise") == made


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (
            "451aebb31d03",
            "was made by an older MLflow than {}, which is installed; copy it, then run: mlflow db upgrade '{}'",
        ),
        ("c0ffeec0ffee", "was made by a newer MLflow than {}, which is installed; install that, or move it away"),
    ],
    ids=["older", "newer"],
)
def test_a_database_of_another_version_is_refused_with_its_address_and_the_remedy(
    version: str, said: str, tmp_path: Path, empty_database: Path
) -> None:
    path = Path(shutil.copy(empty_database, tmp_path))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("update alembic_version set version_num = ?", (version,))
    with pytest.raises(MachineError) as refused:
        connect(tmp_path)
    assert str(refused.value).startswith(f"MLflow's database sqlite:///{path} ")
    assert said.format(import_mlflow().__version__, f"sqlite:///{path}") in str(refused.value)
