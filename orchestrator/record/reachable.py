"""Whether MLflow can be had at an address, asked before anything is launched."""

import sqlite3
import textwrap
import threading
from pathlib import Path

from orchestrator.addresses import shown
from orchestrator.record.database import SQLITE, connected
from orchestrator.record.imported import import_mlflow
from orchestrator.record.tracking import has_server
from trainables.errors import MachineError

LONGEST_REASON = 200
"""Characters. What is cut ends at a word, with an ellipsis."""

LOCAL_REMEDY = "leave --tracking-uri out for the embedded database"


class UnreachableError(MachineError):
    """MLflow does not answer at an address where it could be; it may do so later."""

    def __init__(self, uri: str, why: str):
        self.why = shown(why)
        super().__init__(
            f"MLflow at {shown(uri)} cannot be used: {self.why}; start the server, mend the address, or "
            f"{LOCAL_REMEDY}: `seedwise sync` can record the sweep there later"
        )


def reachable(uri: str, timeout_s: float = 15.0) -> None:
    """Raise MachineError, with the remedy, if MLflow can be at no such URI; UnreachableError if it does not answer.

    Changes nothing there: an embedded database that does not exist yet is not made.
    """
    if uri.startswith(SQLITE):
        return _check_database_file(Path(uri.removeprefix(SQLITE)), uri)
    if "://" not in uri or uri.startswith("file:"):
        raise MachineError(
            f"tracking URI {uri!r} is a folder, which MLflow no longer records in; give the address of a server "
            f"(http://host:5000) or a database (sqlite:////absolute/path/mlflow.db), or {LOCAL_REMEDY}"
        )
    problems: list[str] = []
    import_mlflow()  # its 1.5 s are no fault of the server's
    # In a thread of its own: looking up a host's name, for one, cannot be given a time limit.
    asking = threading.Thread(target=_ask, args=(uri, problems), daemon=True)
    asking.start()
    asking.join(timeout_s)
    if asking.is_alive():
        problems.append(f"no answer within {timeout_s:g} s")
    if problems:
        raise UnreachableError(uri, problems[0])
    return None


def _check_database_file(path: Path, uri: str) -> None:
    if not path.exists():
        folder = next(parent for parent in path.absolute().parents if parent.exists())
        if not folder.is_dir():
            raise MachineError(f"tracking URI {uri} cannot be made: {folder} is not a folder; choose another place")
        return
    try:
        with connected(path, wait_s=1) as database:
            database.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):  # somebody writes to it, so it is well
            return
        raise MachineError(
            f"tracking URI {uri} cannot be used: {error}; move the file away, and seedwise sync records the sweep "
            "anew from its cells, or choose another place with --home or --tracking-uri"
        ) from error


def _ask(uri: str, problems: list[str]) -> None:
    try:
        if has_server(uri):
            import_mlflow().MlflowClient(tracking_uri=uri).search_experiments(max_results=1)
        else:
            import sqlalchemy

            with sqlalchemy.create_engine(uri).connect() as connection:
                connection.execute(sqlalchemy.text("select 1"))
    except Exception as error:  # drivers raise errors of their own kinds
        problems.append(reason(error))


def reason(error: BaseException) -> str:
    """Why it failed, in a line: where the network refused, the innermost cause, out of its wrappings."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    if any(isinstance(cause, OSError) for cause in causes):
        error = causes[-1]
    said = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
    return textwrap.shorten(str(said).splitlines()[0], LONGEST_REASON, placeholder=" …")
