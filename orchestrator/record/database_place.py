"""Whether a folder is a place for MLflow's embedded database: SQLite needs locks that hold."""

import contextlib
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from trainables.errors import MachineError

SHARED = (
    *(
        "afs",
        "beegfs",
        "blobfuse",
        "ceph",
        "cifs",
        "gcsfuse",
        "gluster",
        "gpfs",
        "juicefs",
        "lustre",
        "mountpoint-s3",
    ),
    *("nfs", "rclone", "s3fs", "smb", "sshfs", "wekafs"),
)
"""How the kinds of file systems begin on which SQLite's locks may not hold, or hold from one machine only."""

INSTEAD = (
    "keep the home on a disk of this machine (--home) and the cells where all machines see them "
    "(--store file:///FOLDER), or record at a server (--tracking-uri)"
)


def refuse_without_locks(folder: Path) -> None:
    """Raise MachineError where SQLite cannot lock a database in that folder; leaves nothing there."""
    probe = folder / f".locks-{uuid.uuid4().hex}.db"
    try:
        with closing(sqlite3.connect(probe, timeout=0)) as database:
            database.execute("create table probe (number)")
            database.commit()
    except sqlite3.OperationalError as error:
        raise MachineError(
            f"no SQLite database can be kept in {folder} ({error}), as where a file system does not lock files; "
            f"{INSTEAD}"
        ) from error
    finally:
        for path in (probe, Path(f"{probe}-journal")):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def shared_kind(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The kind of file system, where it is one that SQLite is not for; empty if it is another, or unknown."""
    try:
        entries = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:  # not Linux
        return ""
    kinds = {Path(place.replace("\\040", " ")): kind for _, place, kind, *_ in entries}
    kind = next((kinds[above] for above in (folder, *folder.parents) if above in kinds), "")
    return kind if kind.removeprefix("fuse.").startswith(SHARED) else ""
