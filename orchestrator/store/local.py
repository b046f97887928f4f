"""Durable records on a local or shared file system.

A record is written aside, synced, and then linked (`create`, which fails if the name exists) or renamed
(`replace`) to its name; the folder is synced after it.
"""

import contextlib
import errno
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from orchestrator.store.base import StoreError

ASIDE = ".aside-"
"""Prefix of files under way. No file that begins with a dot is a record: file systems leave such files, too."""

ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
"""What says that there is no such record, which is no failure."""

REMEDIES = {
    errno.ENOSPC: "no space is left on its disk; free some, or choose another place with --home",
    errno.EDQUOT: "your disk quota is used up; free some space, or choose another place with --home",
    errno.EROFS: "its file system is read-only; choose another place with --home",
    errno.EACCES: "permission is denied; choose a place that you may write to with --home",
    errno.EPERM: "its file system refuses hard links, which keep records from being overwritten; "
    "choose another place with --home",
}


class LocalStore:
    """A `Store` in a folder."""

    def __init__(self, root: Path):
        self.root = root.absolute()

    @property
    def url(self) -> str:
        return str(self.root)

    def create(self, name: str, data: bytes) -> bool:
        path = self.root / name
        with _in_words("written", path):
            if path.exists():
                return False
            with _aside(path, data) as aside:
                try:
                    os.link(aside, path)
                except FileExistsError:
                    return False
                _sync_folder(path.parent)
        return True

    def replace(self, name: str, data: bytes) -> None:
        path = self.root / name
        with _in_words("written", path), _aside(path, data) as aside:
            os.replace(aside, path)
            _sync_folder(path.parent)

    def read(self, name: str) -> bytes | None:
        path = self.root / name
        with _in_words("read", path):
            try:
                return path.read_bytes()
            except ABSENT:
                return None

    def names(self, prefix: str) -> list[str]:
        found = []
        with _in_words("read", self.root / prefix):
            for folder, _, files in os.walk(self.root / prefix, onerror=_unless_absent):
                relative = Path(folder).relative_to(self.root)
                found += [str(relative / file) for file in files if not file.startswith(".")]
        return sorted(found)

    def delete(self, name: str) -> None:
        path = self.root / name
        with _in_words("deleted", path), contextlib.suppress(*ABSENT):
            path.unlink()


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
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _in_words(verb: str, path: Path) -> Iterator[None]:
    """What the system refuses inside, as a StoreError that says what to do."""
    try:
        yield
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0, f"{error.strerror or error}; choose another place with --home")
        raise StoreError(f"{path} cannot be {verb}: {remedy}. What was stored before is untouched") from error
