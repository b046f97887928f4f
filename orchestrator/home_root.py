"""Which folder a command's home is. Imports next to nothing: what that folder alone tells is told at once."""

import os
import re
from pathlib import Path

from trainables.errors import UserError

HOME_VARIABLE = "SEEDWISE_HOME"
STORE_VARIABLE = "SEEDWISE_STORE"
DEFAULT_HOME = "mlruns"
MEMORY = "store.json"
"""In the home, where its cells lie if not there."""


def home_root(chosen: Path | None) -> Path:
    """The chosen folder, else the one that SEEDWISE_HOME names, else `mlruns` in the working directory.

    Raises UserError for a path that does not survive in the address of a database: SQLAlchemy takes what follows a
    question mark for options, and would put the database of `runs?1` and `runs?2` into the one file `runs`, and
    reads `%41` as `A` from 2.1 on, but not before, so that it cannot be escaped either.
    """
    root = (chosen or Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME)).expanduser().absolute()
    if misread := re.search(r"\?|%[0-9a-fA-F]{2}", str(root)):
        raise UserError(
            f"the home {root} has {misread[0]!r} in its path, which the address of MLflow's database cannot hold; "
            "rename that folder, or choose another place with --home"
        )
    return root
