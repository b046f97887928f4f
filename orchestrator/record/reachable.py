"""Whether MLflow can be had at an address, asked before anything is launched; and the command for its page."""

import contextlib
import os
import sqlite3
import sys
import textwrap
import threading
from collections.abc import Iterable
from pathlib import Path

from orchestrator.addresses import shown
from orchestrator.record.database import SQLITE, connected, follow_home
from orchestrator.record.tracking import has_server, import_mlflow, set_environment
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


def ui_command(uri: str, artifacts: Path, *, host: str = "127.0.0.1", port: int = 5000) -> list[str]:
    """The command that serves MLflow's page for a database. For a server, MachineError: it has its own."""
    if has_server(uri):
        raise MachineError(f"{shown(uri)} is a server already; open it in a browser")
    with contextlib.suppress(sqlite3.DatabaseError):  # read-only, say: then files of a moved home are not shown
        follow_home(uri, artifacts)
    set_environment()  # the command inherits it
    # One reader needs one worker, and no runner of language model jobs: two processes instead of fifteen.
    os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    root = ["--default-artifact-root", artifacts.as_uri()]
    return [
        sys.executable,
        "-m",
        "mlflow",
        "server",
        "--backend-store-uri",
        uri,
        *root,
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        "1",
    ]


def run_pages(uri: str, sweeps: Iterable[str]) -> dict[str, str]:
    """By sweep recorded there, where the page shows its runs: what comes after the host in the address.

    MLflow opens on its tools for language models, in which a sweep's name leads to an empty list of traces.
    """
    if uri.startswith(SQLITE) and not Path(uri.removeprefix(SQLITE)).exists():
        return {}  # asking would make it
    client = import_mlflow().MlflowClient(tracking_uri=uri)
    found = {sweep: client.get_experiment_by_name(sweep) for sweep in sweeps}
    return {
        sweep: f"/#/experiments/{experiment.experiment_id}/runs?workflowType=machine_learning"
        for sweep, experiment in found.items()
        if experiment is not None and experiment.lifecycle_stage == "active"
    }


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
