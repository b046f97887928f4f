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
"""Prefix of files under way; they are no records."""


class LocalStore:
    """A `Store` in a folder."""

    def __init__(self, root: Path):
        self.root = root.absolute()

    @property
    def url(self) -> str:
        return str(self.root)

    def create(self, name: str, data: bytes) -> bool:
        path = self.root / name
        if path.exists():
            return False
        with self._aside(path, data) as aside:
            try:
                os.link(aside, path)
            except FileExistsError:
                return False
            _sync_folder(path.parent)
        return True

    def replace(self, name: str, data: bytes) -> None:
        path = self.root / name
        with self._aside(path, data) as aside:
            os.replace(aside, path)
            _sync_folder(path.parent)

    def read(self, name: str) -> bytes | None:
        try:
            return (self.root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, prefix: str) -> list[str]:
        found = []
        for folder, _, files in os.walk(self.root / prefix):
            relative = Path(folder).relative_to(self.root)
            found += [str(relative / file) for file in files if not file.startswith(ASIDE)]
        return sorted(found)

    def delete(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _aside(self, path: Path, data: bytes) -> Iterator[Path]:
        """The data in a synced file beside `path`, gone afterwards whatever happens."""
        aside = path.parent / f"{ASIDE}{uuid.uuid4().hex}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with aside.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            yield aside
        except OSError as error:
            raise StoreError(_in_words(error, path)) from error
        finally:
            # Where even this fails (a disk gone read-only), what failed before is what the user must hear of.
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _in_words(error: OSError, path: Path) -> str:
    remedies = {
        errno.ENOSPC: "no space is left on its disk; free some, or choose another place with --home",
        errno.EDQUOT: "your disk quota is used up; free some space, or choose another place with --home",
        errno.EROFS: "its file system is read-only; choose another place with --home",
        errno.EACCES: "permission is denied; choose a place that you may write to with --home",
        errno.EPERM: "its file system refuses hard links, which keep records from being overwritten; "
        "choose another place with --home",
    }
    remedy = remedies.get(error.errno or 0, f"{error.strerror or error}; choose another place with --home")
    return f"{path} cannot be written: {remedy}. What was stored before is untouched"
