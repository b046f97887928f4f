"""The kinds of object storage that can hold cells: what reads each, and what its user must set.

Only those are here whose file system was seen, in its source, to hand `create` on to the storage as a condition.
Many of fsspec's look whether the name exists and then write, so that of two writers both win.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

AT_ONCE = 32
"""Calls side by side. One takes some 20 ms, wherever the storage is."""


@dataclass(frozen=True)
class Kind:
    """A kind of object storage."""

    package: str
    """What reads it, in fsspec's name."""
    extra: str
    """What of seedwise's own package installs that."""
    credentials: str
    endpoint: str
    options: Callable[[], dict[str, Any]]


def _s3_options() -> dict[str, Any]:
    # Three tries, over in seconds where nothing answers; the older mode, still the usual one, takes five slow ones.
    retries = {"mode": os.environ.get("AWS_RETRY_MODE") or "standard"}
    times = {"connect_timeout": 10, "read_timeout": 60}
    return {"config_kwargs": {**times, "max_pool_connections": AT_ONCE, "retries": retries}}


KINDS = {
    "s3": Kind(
        package="s3fs",
        extra="s3",
        credentials="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
        endpoint="AWS_ENDPOINT_URL",
        options=_s3_options,
    )
}
"""By protocol."""
