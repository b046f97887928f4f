"""A sweep that a home does not know, refused in words.

Where the home's own folder tells, before anything is loaded that takes seconds: the store needs torch, results
need pandas, and what reads them scipy or MLflow.
"""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from orchestrator.home_root import MEMORY, STORE_VARIABLE, home_root
from trainables.errors import UserError


class UnknownSweepError(UserError):
    """No sweep of that name has been run in this home."""


def unknown_sweep(sweep: str, known: Sequence[str], place: str) -> UnknownSweepError:
    """`known`: the sweeps that there are in the `place`."""
    near = get_close_matches(sweep, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it knows: {', '.join(known) or 'none yet'}"
    return UnknownSweepError(f"no sweep {sweep!r} has been run in {place}; {hint}")


def refuse_unknown(sweep: str, home: Path | None, store: str | None) -> None:
    """Raises UnknownSweepError where the home keeps its sweeps itself, and has none of that name.

    Where they lie elsewhere, or the folder cannot be read, whoever opens it will know. Opens nothing.
    """
    root = home_root(home)
    if store or os.environ.get(STORE_VARIABLE) or (root / MEMORY).exists():
        return
    try:
        known = sorted(entry.name for entry in os.scandir(root / "sweeps") if Path(entry, "plan.json").exists())
    except (FileNotFoundError, NotADirectoryError):
        known = []
    except OSError:
        return
    if sweep not in known:
        raise unknown_sweep(sweep, known, str(root))
