"""What a record that could not be made says to a user: MLflow and its databases have errors of many kinds."""

import re
from importlib.util import find_spec
from pathlib import Path

from orchestrator.addresses import shown, to_type
from orchestrator.environment import versions
from trainables.disk import has_no_temporary_space, is_full, no_temporary_space
from trainables.errors import MachineError, UserError


def in_words(error: Exception) -> str:
    """What it says, and of what kind it is where it was not made to be read."""
    if is_full(error) and has_no_temporary_space():
        return no_temporary_space("what MLflow is to hold")
    return str(error) if isinstance(error, UserError) else shown(f"{type(error).__name__}: {error}")


def refuse_another_version(uri: str, error: Exception) -> None:
    """Raise MachineError if MLflow refused a database for its version: it names no address, and calls all old."""
    found = re.search(r"database schema \(found version (\w+)", str(error))
    spec = find_spec("mlflow")
    if found is None or spec is None or spec.origin is None:
        return
    known = Path(spec.origin).parent / "store" / "db_migrations" / "versions"
    here = versions()["mlflow"]
    if any(known.glob(f"{found[1]}_*.py")):
        age, remedy = "an older", f"copy it, then run: mlflow db upgrade '{to_type(uri)}'"
    else:
        age, remedy = "a newer", "install that, or move it away to have a new one made"
    raise MachineError(
        f"MLflow's database {shown(uri)} was made by {age} MLflow than {here}, which is installed; {remedy}"
    ) from error
