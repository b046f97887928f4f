"""What killed writers have left in a local store: files that were written aside and never got their name."""

import time
from collections.abc import Iterable
from pathlib import Path

from orchestrator.store.local import ASIDE

SAFE_AGE_S = 3600.0
"""So long no write takes: what is older, nobody is still writing."""


def drop_leftovers(root: Path, folders: Iterable[str]) -> int:
    """Delete what was left in these folders of a store and below them. Gives how many files that were."""
    before, dropped = time.time() - SAFE_AGE_S, 0
    for folder in folders:
        for aside in (root / folder).rglob(f"{ASIDE}*"):
            try:
                if aside.stat().st_mtime < before:
                    aside.unlink()
                    dropped += 1
            except OSError:  # another run was faster, or it is not ours to delete: it does no harm
                continue
    return dropped
