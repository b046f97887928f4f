"""A disk without room: told apart from what else may fail, and put into words.

Of the disk that a home lies on the store tells; the one of temporary files is another, which nobody thinks of.
"""

import errno
import os
import tempfile
from pathlib import Path

from rich.filesize import decimal

FULL = (errno.ENOSPC, errno.EDQUOT)
LEAST_FREE = 1_000_000
"""Bytes; a place that has fewer is taken for full."""


def is_full(error: BaseException | None) -> bool:
    """Whether a disk or a quota without room is what raised it, or is behind it."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        error = error.__cause__ or error.__context__
    return False


def no_space(folder: Path, needed: int | None = None) -> str:
    """What is said of a full disk: how much was to be written, and how much is free."""
    disk = os.statvfs(_nearest(folder))
    if disk.f_files and disk.f_favail < 2:  # a file has two names for a moment, and on some each counts
        return "its disk has room for no more files, however small (no inodes are left)"
    takes = "" if needed is None else f"this takes {decimal(needed)}, and "
    return f"no space is left on its disk: {takes}{decimal(free(folder))} are free"


def has_no_temporary_space() -> bool:
    """Whether it is the folder of temporary files whose disk is full."""
    return free(Path(tempfile.gettempdir())) < LEAST_FREE


def no_temporary_space(what: str) -> str:
    """What is said where temporary files find no room."""
    folder, remedy = Path(tempfile.gettempdir()), "free some, or name another folder with TMPDIR"
    return f"{what} cannot be written in {folder}: {no_space(folder)}; {remedy}"


def free(folder: Path) -> int:
    """Bytes that may be written there, which need not exist yet."""
    disk = os.statvfs(_nearest(folder))
    return disk.f_bavail * disk.f_frsize


def _nearest(folder: Path) -> Path:
    return next(above for above in (folder, *folder.parents) if above.is_dir())
