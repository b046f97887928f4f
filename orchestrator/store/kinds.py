"""The kinds of object storage that can hold cells: what reads each, and what its user must set.

Only those are here whose file system was seen, in its source, to hand `create` on to the storage as a condition:
`If-None-Match: *` on S3 and Azure, `ifGenerationMatch=0` on Google's. Many of fsspec's look whether the name exists
and then write, so that of two writers both win.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

AT_ONCE = 32
"""Calls side by side. One takes some 20 ms, wherever the storage is."""

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 10, 60

UNSHARED = {"skip_instance_cache": True, "use_listings_cache": False}
"""Neither instances nor listings are shared: a listing from before another's write is a wrong answer."""


@dataclass(frozen=True)
class Kind:
    """A kind of object storage."""

    package: str
    """What reads it, in fsspec's name."""
    extra: str
    """What of seedwise's own package installs that."""
    credentials: str
    endpoint: str
    open: Callable[[], Any]
    """Its file system, new. Raises ImportError where the package is missing."""


def _s3() -> Any:
    import fsspec

    # Three tries, over in seconds where nothing answers; the older mode, still the usual one, takes five slow ones.
    retries = {"mode": os.environ.get("AWS_RETRY_MODE") or "standard"}
    times = {"connect_timeout": CONNECT_TIMEOUT_S, "read_timeout": READ_TIMEOUT_S}
    config = {**times, "max_pool_connections": AT_ONCE, "retries": retries}
    files = fsspec.filesystem("s3", config_kwargs=config, **UNSHARED)
    files.retries = 1  # s3fs's own, a third layer of them
    return files


def _google() -> Any:
    from orchestrator.store.google_files import open_google

    return open_google()


def _azure() -> Any:
    from orchestrator.store.azure_files import open_azure

    return open_azure()


KINDS = {
    "s3": Kind(
        package="s3fs",
        extra="s3",
        credentials="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
        endpoint="AWS_ENDPOINT_URL",
        open=_s3,
    ),
    "gs": Kind(
        package="gcsfs",
        extra="gs",
        credentials="GOOGLE_APPLICATION_CREDENTIALS, or what gcloud or the machine itself has been given",
        endpoint="STORAGE_EMULATOR_HOST",
        open=_google,
    ),
    "az": Kind(
        package="adlfs",
        extra="azure",
        credentials="AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_NAME with "
        "AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN or what azure-identity finds",
        endpoint="AZURE_STORAGE_CONNECTION_STRING",
        open=_azure,
    ),
}
"""By protocol."""

ALIASES = {"s3a": "s3", "gcs": "gs", "abfs": "az"}
"""Other protocols by which the same places are called; a store has one name."""
