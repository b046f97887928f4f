"""A disk that is soon full."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, options: str) -> Iterator[Path]:
    """One in memory at `place` while inside; `options` are those of tmpfs, e.g. `size=64k,nr_inodes=8`."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only who may mount a disk can fill one without harm")
    try:
        yield place
    finally:
        # Lazily: a test's own look at MLflow's database may still have it open.
        subprocess.run(["umount", "--lazy", str(place)], check=True)
