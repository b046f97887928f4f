"""The folder in which Tune keeps its own state of a run: worthless afterwards, so none may stay behind.

A kill leaves one. The driver that owns a folder holds a lock on a file in it, which the system takes back when the
driver dies, however it dies; whoever makes the next folder deletes those that nobody holds.
"""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "seedwise-tune-"
OWNED = "owned.lock"
JUST_MADE_S = 3600.0
"""An empty folder may be one whose owner is about to put its lock there."""


@contextlib.contextmanager
def tune_scratch() -> Iterator[Path]:
    """A folder of one's own among the system's temporary ones, gone afterwards."""
    drop_abandoned_scratch()
    scratch = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with FileLock(scratch / OWNED):
            yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def drop_abandoned_scratch() -> None:
    """Delete the folders of drivers that are dead."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, Timeout):  # somebody else's, or somebody's who lives
            if (folder / OWNED).exists():
                with FileLock(folder / OWNED, blocking=False):
                    shutil.rmtree(folder, ignore_errors=True)
            elif folder.stat().st_mtime < time.time() - JUST_MADE_S:
                folder.rmdir()  # which is refused where something lies in it
