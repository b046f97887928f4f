"""Google's object storage as a file system: gcsfs, with what a store needs of it otherwise.

Each operation is one request of the JSON API, `create` with `ifGenerationMatch=0`; gcsfs's usual class asks first
what kind of bucket it is, and where that is a zonal one writes without the condition. What was refused comes back
as an error that says whether trying again can help.
"""

import math
import os
import time
from typing import Any

import aiohttp
from gcsfs.core import GCSFileSystem

from orchestrator.store.kinds import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, UNSHARED

FRESH = {"cache_control": "no-store"}
"""Where the bucket is a public one, what is read would otherwise be up to an hour old."""


SEEN_FOR_S = 10.0
"""So long after an answer that only a bucket can give it is not asked for again."""


class NoSuchBucketError(FileNotFoundError):
    """Not a record that is missing, but the whole bucket."""

    error_code = "NoSuchBucket"


class GoogleFiles(GCSFileSystem):  # type: ignore[misc]
    """What `ObjectStore` asks for, each in one request."""

    _bucket_seen_at = -math.inf

    async def _request(self, *args: Any, **kwargs: Any) -> Any:
        # Without gcsfs's own six tries, which take half a minute: whoever calls tries again.
        try:
            return await GCSFileSystem._request.__wrapped__(self, *args, **kwargs)
        except OSError as error:
            if str(error).startswith("Forbidden"):
                raise PermissionError(str(error)) from error
            raise

    async def _pipe_file(self, path: str, data: bytes, mode: str = "overwrite", **_: Any) -> None:
        # In one request, however large: of an upload in parts it is not said when the condition is looked at.
        try:
            await super()._pipe_file(path, data, chunksize=len(data) + 1, mode=mode, fixed_key_metadata=FRESH)
        except FileNotFoundError as error:
            raise NoSuchBucketError(str(error)) from error
        self._bucket_seen_at = time.monotonic()

    async def _cat_file(self, path: str, **_: Any) -> bytes:
        try:
            data: bytes = await super()._cat_file(path)
        except FileNotFoundError:
            await self._see_bucket(path)
            raise
        return data

    async def _rm_file(self, path: str, **_: Any) -> None:
        try:
            await super()._rm_file(path)
        except FileNotFoundError:
            await self._see_bucket(path)
            raise

    async def _find(self, path: str, prefix: str = "", **_: Any) -> list[str]:
        try:
            found, _prefixes = await self._do_list_objects(path, delimiter="", prefix=prefix)
        except FileNotFoundError as error:
            raise NoSuchBucketError(str(error)) from error
        self._bucket_seen_at = time.monotonic()
        return [each["name"] for each in found]

    async def _see_bucket(self, path: str) -> None:
        """Raise NoSuchBucketError if that is what was not found: the answer to a read does not always tell."""
        if time.monotonic() > self._bucket_seen_at + SEEN_FOR_S:
            await self._find(self.split_path(path)[0], prefix="probes/")


def open_google() -> GoogleFiles:
    """A new one, with the credentials that Google's own clients find; with none at an emulator, as theirs do."""
    return GoogleFiles(
        token="anon" if os.environ.get("STORAGE_EMULATOR_HOST") else "google_default",
        requests_timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_TIMEOUT_S, sock_read=READ_TIMEOUT_S),
        **UNSHARED,
    )
