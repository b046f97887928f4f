"""The embedded database, looked at without MLflow: its import takes 1.5 s, and its patience with a lock minutes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from orchestrator.record.projection import CELL, HOME, IN_PLAN, SWEEP
from trainables.errors import MachineError

SQLITE = "sqlite:///"
LOCK_WAIT_S = 5.0


class DatabaseLockedError(MachineError):
    """Another program keeps the database to itself."""


def file_of(uri: str) -> Path | None:
    """The file of a SQLite database that is there; None for any other tracking URI."""
    path = Path(uri.removeprefix(SQLITE))
    return path if uri.startswith(SQLITE) and "?" not in uri and path.exists() else None


@contextmanager
def connected(path: Path, wait_s: float) -> Iterator[sqlite3.Connection]:
    """The database, never made by this. For writing: what a killed writer has left half done is taken back."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=wait_s)) as database:
        yield database


def refuse_locked(uri: str, wait_s: float = LOCK_WAIT_S) -> None:
    """Raise DatabaseLockedError for an embedded database that cannot be written in that time."""
    path = file_of(uri)
    if path is None:
        return
    try:
        with connected(path, wait_s) as database:
            database.execute("begin immediate")
            database.rollback()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise DatabaseLockedError(f"MLflow's database {path} is locked by another program") from error
        raise


def follow_home(uri: str, artifacts: Path) -> None:
    """Have a home's own database say that its artifacts lie beside it, also where the home was moved or copied.

    MLflow keeps absolute addresses: what a copy records would be written into the home that it was made from.
    """
    path = file_of(uri)
    if path is None or path.parent != artifacts.parent:  # one that other homes may share
        return
    with connected(path, LOCK_WAIT_S) as database:
        known = database.execute("select experiment_id, artifact_location from experiments").fetchall()
        for experiment, before in known:
            # By its folder, for somebody may have renamed the experiment.
            own = f"/{artifacts.name}/{before.rpartition('/')[2]}"
            now = artifacts.parent.as_uri() + own
            if before != now and before.endswith(own):  # of those that have this form, wherever they lay
                database.execute(
                    "update experiments set artifact_location = ? where experiment_id = ?", (now, experiment)
                )
                database.execute(
                    "update runs set artifact_uri = ? || substr(artifact_uri, ?) "
                    "where experiment_id = ? and substr(artifact_uri, 1, ?) = ?",
                    (now, len(before) + 1, experiment, len(before) + 1, f"{before}/"),
                )
        database.commit()


def shown_running(path: Path, wait_s: float = 1.0) -> set[tuple[str, str]]:
    """Home and sweep of every run that is shown as RUNNING; none where MLflow has made no tables yet."""
    return {(home, sweep) for home, sweep, _, _ in _shown(path, "= 'RUNNING'", wait_s)}


def shown_ended(path: Path, home: str, sweep: str, wait_s: float = 1.0) -> set[str]:
    """Keys of the sweep's cells whose runs are shown as done, but for those that its plan no longer has; an empty
    one for the run of the sweep itself. None where the file is no database."""
    try:
        found = _shown(path, "in ('FINISHED', 'FAILED')", wait_s)
    except sqlite3.DatabaseError:
        return set()
    return {cell for *whose, cell, in_plan in found if whose == [home, sweep] and (not cell or in_plan == "true")}


def _shown(path: Path, status: str, wait_s: float) -> list[tuple[str, str, str, str]]:
    """Of every run of that status home, sweep, cell and whether that is planned; empty where it has no such tag."""
    with connected(path, wait_s) as database:
        try:
            return database.execute(
                "select home.value, sweep.value, coalesce(cell.value, ''), coalesce(planned.value, '') from runs "
                "join tags as home on home.run_uuid = runs.run_uuid and home.key = ? "
                "join tags as sweep on sweep.run_uuid = runs.run_uuid and sweep.key = ? "
                "left join tags as cell on cell.run_uuid = runs.run_uuid and cell.key = ? "
                "left join tags as planned on planned.run_uuid = runs.run_uuid and planned.key = ? "
                f"where runs.status {status} and runs.lifecycle_stage = 'active'",
                (HOME, SWEEP, CELL, IN_PLAN),
            ).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            if "locked" in str(error):
                raise DatabaseLockedError(f"MLflow's database {path} is locked by another program") from error
            raise
