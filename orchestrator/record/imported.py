"""MLflow, imported where it is needed and not before, for that takes 1.5 s; and made quiet."""

import logging
import os
from typing import Any


def import_mlflow() -> Any:
    """The module, silenced."""
    set_environment()
    import mlflow

    for name in ("mlflow", "alembic", "urllib3.connectionpool"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # A full disk, say: what it logs with a traceback it also raises, and a line of that is told.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    return mlflow


def set_environment() -> None:
    """The settings that MLflow takes from the environment, for this process and those that it starts."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
    # MLflow's client repeats `runs/create` on its own after a dropped connection, and so makes a run twice.
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
