"""MLflow's page of a home: the command that serves it, and where in it each sweep's runs are."""

import contextlib
import os
import sqlite3
import sys
from collections.abc import Iterable
from pathlib import Path

from orchestrator.addresses import shown
from orchestrator.record.database import SQLITE, follow_home
from orchestrator.record.imported import import_mlflow, set_environment
from orchestrator.record.tracking import has_server
from orchestrator.record.view import IN_ADDRESS, TAG
from trainables.errors import MachineError


def ui_command(uri: str, artifacts: Path, *, host: str = "127.0.0.1", port: int = 5000) -> list[str]:
    """The command that serves MLflow's page for a database. For a server, MachineError: it has its own."""
    if has_server(uri):
        raise MachineError(f"{shown(uri)} is a server already; open it in a browser")
    with contextlib.suppress(sqlite3.DatabaseError):  # read-only, say: then files of a moved home are not shown
        follow_home(uri, artifacts)
    set_environment()  # the command inherits it
    # One reader needs one worker, and no runner of language model jobs: two processes instead of fifteen.
    os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    os.environ["PYTHONWARNINGS"] = "ignore"  # of what its parts are going to do without: nothing for a user to mend
    root = ["--default-artifact-root", artifacts.as_uri()]
    return [
        sys.executable,
        "-m",
        "mlflow",
        "server",
        "--backend-store-uri",
        uri,
        "--registry-store-uri",
        uri,
        *root,
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        "1",
        "--uvicorn-opts",
        "--log-level warning",
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
        + (f"&{IN_ADDRESS}" if TAG in experiment.tags else "")
        for sweep, experiment in found.items()
        if experiment is not None and experiment.lifecycle_stage == "active"
    }
