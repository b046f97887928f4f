"""Durable records on object storage, through fsspec.

`create` is one conditional put, which the storage itself decides: of two writers it refuses the second. `replace`
is one put, whole or absent. Credentials come from the environment, as the storage's own client reads them there;
none is taken, kept or shown here.
"""

import os
import signal
from collections.abc import Callable
from typing import Any, TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from orchestrator.store.answers import bucket_is_missing, exists_already, may_pass, refusal
from orchestrator.store.kinds import AT_ONCE, KINDS

T = TypeVar("T")

TRIES = 6
WAIT_S = wait_exponential(multiplier=1, max=10)
"""1, 2, 4, 8 and 10 s between the tries, each of which is several of the client's own."""

SENT_TO_PROCESSES = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP)


class ObjectStore:
    """A `Store` below a URL such as `s3://bucket/prefix`. Nothing is asked of the storage before the first call."""

    at_once = AT_ONCE

    def __init__(self, url: str, tries: int = TRIES):
        self.url, self._tries = url, tries
        protocol, _, self._root = self.url.partition("://")
        self.kind = KINDS[protocol]
        self._by_process: dict[int, Any] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return ObjectStore, (self.url, self._tries)

    def create(self, name: str, data: bytes) -> bool:
        def put(files: Any, path: str) -> bool:
            try:
                files.pipe_file(path, data, mode="create")
            except Exception as error:
                if not exists_already(error):
                    raise
                # By this very call, perhaps: where an answer is lost, the client asks once more, and aiohttp below
                # it does so without telling. Then these bytes are there; `Store.create` says what of another's.
                return self._get(files, path) == data
            return True

        return self._carried_out(put, name, "written", len(data))

    def replace(self, name: str, data: bytes) -> None:
        self._carried_out(lambda files, path: files.pipe_file(path, data), name, "written", len(data))

    def read(self, name: str) -> bytes | None:
        return self._carried_out(self._get, name, "read")

    def names(self, prefix: str) -> list[str]:
        def find(files: Any, folder: str) -> list[str]:
            try:
                found = files.find(self._root, prefix=f"{prefix}/")
            except FileNotFoundError as error:
                if bucket_is_missing(error):
                    raise
                return []
            # What only begins like the folder is no more in it than the marks that some tools leave for folders.
            inside = [path for path in found if path.startswith(folder) and not path.endswith("/")]
            return sorted(path.removeprefix(f"{self._root}/") for path in inside)

        return self._carried_out(find, f"{prefix}/", "listed")

    def delete(self, name: str) -> None:
        def remove(files: Any, path: str) -> None:
            try:
                files.rm_file(path)
            except FileNotFoundError as error:
                if bucket_is_missing(error):
                    raise

        self._carried_out(remove, name, "deleted")

    @staticmethod
    def _get(files: Any, path: str) -> bytes | None:
        try:
            # In one piece: s3fs would otherwise read a large object in ranges, which may be of two versions.
            data: bytes = files.cat_file(path, max_concurrency=1)
            return data
        except FileNotFoundError as error:
            if bucket_is_missing(error):
                raise
            return None

    def _carried_out(self, work: Callable[[Any, str], T], name: str, verb: str, size: int | None = None) -> T:
        """What `work` gives, tried again where that may help. Raises StoreError."""
        again = Retrying(
            retry=retry_if_exception(may_pass), stop=stop_after_attempt(self._tries), wait=WAIT_S, reraise=True
        )
        try:
            return again(lambda: work(self._files(), f"{self._root}/{name}"))
        except Exception as error:
            raise refusal(error, f"{self.url}/{name}", verb, size, self.kind) from error

    def _files(self) -> Any:
        """The file system of this process. A fork gets its own, and keeps its parent's from being closed."""
        if (files := self._by_process.get(os.getpid())) is None:
            files = self._by_process.setdefault(os.getpid(), self.kind.open())
            # Its thread leaves them to those that are to hear them, also while the main one may not: see
            # `run.stopping.signals_kept`.
            files.loop.call_soon_threadsafe(signal.pthread_sigmask, signal.SIG_BLOCK, SENT_TO_PROCESSES)
        return files
