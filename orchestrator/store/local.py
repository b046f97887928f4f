"""Durable records on a local or shared file system.

A record is written aside, synced, and then linked (`create`, which fails if the name exists) or renamed
(`replace`) to its name; the folder is synced after it. What a network file system refuses for a moment is tried
again from the beginning, in a new file aside: one whose sync has failed may never reach the disk.
"""

import contextlib
import errno
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from orchestrator.store.base import StoreError
from trainables.disk import no_space

T = TypeVar("T")

ASIDE = ".aside-"
"""Prefix of files under way. No file that begins with a dot is a record: file systems leave such files, too."""

ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
"""What says that there is no such record, which is no failure."""

PASSING = {errno.EAGAIN, errno.EBUSY, errno.EHOSTDOWN, errno.EINTR, errno.EIO, errno.ESTALE, errno.ETIMEDOUT}
"""What a network file system says while its server starts anew, moves, or is slow. A broken disk says EIO as well:
it is found out a few seconds later."""

TRIES = 5
WAIT_S = wait_exponential(multiplier=0.1, exp_base=3)
"""0.1, 0.3, 0.9 and 2.7 s between the tries."""

REMEDIES = {
    errno.EDQUOT: "your disk quota is used up; free some space, or choose another place",
    errno.EROFS: "its file system is read-only; choose another place",
    errno.EACCES: "permission is denied; choose a place that you may write to",
}

NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
"""What a link is refused with where there are none: on FAT, HDFS by a gateway, some FUSE and SMB mounts."""

NO_FOLDER_SYNC = {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS}
"""What some SMB and FUSE mounts say to the sync of a folder: its names are for the server to keep then."""


class LocalStore:
    """A `Store` in a folder."""

    at_once = 8
    """Of no use on a disk, and of no harm; on a network file system each call waits for its server."""

    def __init__(self, root: Path, chosen_by: str = "--home"):
        """`chosen_by`: the option that names another place."""
        self.root, self.chosen_by = root.absolute(), chosen_by

    @property
    def url(self) -> str:
        return str(self.root)

    def create(self, name: str, data: bytes) -> bool:
        path = self.root / name
        linked = False

        def write() -> bool:
            nonlocal linked
            if not linked:
                if path.is_file():
                    return False
                with _aside(path, data) as aside:
                    linked = _link(aside, path)
            if linked:
                _sync_folder(path.parent)
            else:
                _refuse_what_is_no_record(path)
            return linked

        return self._carried_out(write, path, "written", len(data))

    def replace(self, name: str, data: bytes) -> None:
        path = self.root / name

        def write() -> None:
            with _aside(path, data) as aside:
                os.replace(aside, path)
            _sync_folder(path.parent)

        self._carried_out(write, path, "written", len(data))

    def read(self, name: str) -> bytes | None:
        path = self.root / name

        def read() -> bytes | None:
            try:
                return path.read_bytes()
            except ABSENT:
                return None

        return self._carried_out(read, path, "read")

    def names(self, prefix: str) -> list[str]:
        def walk() -> list[str]:
            found = []
            for folder, _, files in os.walk(self.root / prefix, onerror=_unless_absent):
                inside = f"{folder}/".removeprefix(f"{self.root}/")
                found += [inside + file for file in files if not file.startswith(".")]
            return sorted(found)

        return self._carried_out(walk, self.root / prefix, "read")

    def delete(self, name: str) -> None:
        path = self.root / name

        def delete() -> None:
            with contextlib.suppress(*ABSENT):
                path.unlink()

        self._carried_out(delete, path, "deleted")

    def _carried_out(self, work: Callable[[], T], path: Path, verb: str, size: int | None = None) -> T:
        """What `work` gives, tried again where that may help; what the system refuses, as a StoreError in words."""
        again = Retrying(
            retry=retry_if_exception(_may_pass), stop=stop_after_attempt(TRIES), wait=WAIT_S, reraise=True
        )
        try:
            return again(work)
        except OSError as error:
            remedy = remedy_for(error, self.chosen_by)
            if error.errno == errno.ENOSPC:
                remedy = no_space_at_home(path.parent, size, self.chosen_by)
            elif isinstance(error, FileExistsError | NotADirectoryError):
                blocking = next((above for above in path.parents if os.path.lexists(above)), path.parent)
                remedy = f"{blocking} is no folder, and must be one; move it away"
            raise StoreError(f"{path} cannot be {verb}: {remedy}. What was stored before is untouched") from error


class _NoLinksError(OSError):
    """The file system has no hard links."""


def remedy_for(error: OSError, option: str = "--home") -> str:
    """What the system refuses, and what to do. `option`: what names another place."""
    if isinstance(error, _NoLinksError):
        why = "its file system has no hard links, which keep records from being overwritten"
        return f"{why} ({error.strerror}); choose another place with {option}, or object storage with --store"
    said = REMEDIES.get(error.errno or 0, f"{error.strerror or error}; choose another place")
    return f"{said} with {option}"


def no_space_at_home(folder: Path, needed: int | None = None, option: str = "--home") -> str:
    """What is said of a full disk, with what to do."""
    return f"{no_space(folder, needed)}; free some, or choose another place with {option}"


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in PASSING


def _link(aside: Path, path: Path) -> bool:
    """Give the file aside its name; False if the name exists."""
    try:
        os.link(aside, path)
    except OSError as error:
        # A server may have done it while its answer was lost, and find the name there when it is asked again.
        if aside.stat().st_nlink > 1:
            return True
        if isinstance(error, FileExistsError):
            return False
        if error.errno in NO_LINKS:
            raise _NoLinksError(error.errno, error.strerror) from error
        raise
    return True


def _refuse_what_is_no_record(path: Path) -> None:
    """Raise StoreError for a name that is taken and has nothing to be read: whoever wants it would ask for ever."""
    if path.is_symlink() and not path.exists():
        what = (
            f"a link has its name that leads to {path.readlink()}, which is not there; bring that back or delete it"
        )
    elif path.is_dir():
        what = "a folder has its name, which seedwise has not made; move it away"
    else:
        return
    raise StoreError(f"{path} cannot be written: {what}. What was stored before is untouched")


@contextlib.contextmanager
def _aside(path: Path, data: bytes) -> Iterator[Path]:
    """The data in a synced file beside `path`, gone afterwards whatever happens."""
    aside = path.parent / f"{ASIDE}{uuid.uuid4().hex}"
    try:
        _make_folder(path.parent)
        with aside.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        yield aside
    finally:
        # Where even this fails (a disk gone read-only), what failed before is what the user must hear of.
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    """The folder and all above it; the name of each new one is synced too."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _unless_absent(error: OSError) -> None:
    """A folder that cannot be listed is not an empty one."""
    if not isinstance(error, ABSENT):
        raise error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)
