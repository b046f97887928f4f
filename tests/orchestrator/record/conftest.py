"""A hand-made sweep over an MLflow database of its own."""

import shutil
from pathlib import Path

import pytest
from hand_made import HandMadeSweep

from orchestrator.record.imported import import_mlflow
from orchestrator.store import Home


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that MLflow has set up, which takes it more than a second."""
    mlflow = import_mlflow()
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    mlflow.MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def sweep(tmp_path: Path, empty_database: Path) -> HandMadeSweep:
    """Two losses × two seeds, planned; no cell has begun. The home's path has a space in it."""
    home = Home(tmp_path / "my runs")
    home.root.mkdir()
    shutil.copy(empty_database, home.root / "mlflow.db")
    return HandMadeSweep(home)
