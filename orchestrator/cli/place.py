"""The home that a command is to work in: found usable before anything is launched, or refused in words."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from orchestrator.store import Home, StoreError
from orchestrator.store.local import no_space_at_home, remedy_for

ELSEWHERE = "choose another place with --home"


def usable_home(chosen: Path | None, store: str | None = None) -> Home:
    """The home, which need not be there yet. Raises StoreError where no such folder can be had; makes nothing."""
    home = Home.at(chosen, store)
    nearest = next(path for path in (home.root, *home.root.parents) if path.exists())
    if not nearest.is_dir():
        inside = "" if nearest == home.root else f" would lie in {nearest}, which"
        raise StoreError(f"the home {home.root}{inside} is a file, not a folder; {ELSEWHERE}")
    if not os.access(nearest, os.W_OK | os.X_OK):
        is_read_only = os.statvfs(nearest).f_flag & os.ST_RDONLY
        why = remedy_for(OSError(errno.EROFS if is_read_only else errno.EACCES, ""))
        raise StoreError(f"the home {home.root} cannot be written: {why}")
    return home


@contextlib.contextmanager
def writing_in(home: Home, what: str) -> Iterator[None]:
    """What the system refuses inside, a full disk above all, as a StoreError that says what to do."""
    try:
        yield
    except OSError as error:
        if error.filename is not None and not Path(os.fsdecode(error.filename)).is_relative_to(home.root):
            raise
        # numpy has a message of its own for a disk that fills while it writes, without the system's number.
        if error.errno == errno.ENOSPC or "requested and" in str(error):
            remedy = no_space_at_home(home.root)
        else:
            remedy = remedy_for(error)
        raise StoreError(f"{what} cannot be written in {home.root}: {remedy}") from error
