"""The folder that runs leave their traces in: the store, MLflow's database and artifacts, caches, logs."""

import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from orchestrator.store.cells import CellPaths
from orchestrator.store.local import LocalStore

HOME_VARIABLE = "SEEDWISE_HOME"
DEFAULT_HOME = "mlruns"


@dataclass(frozen=True)
class Home:
    """Absolute paths of everything that lies under one home."""

    root: Path

    @classmethod
    def at(cls, chosen: Path | None) -> "Home":
        """The chosen folder, else the one that SEEDWISE_HOME names, else `mlruns` in the working directory."""
        return cls((chosen or Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME)).expanduser().absolute())

    def leave_readme(self) -> None:
        """Say to whoever finds the folder what lies in it; a page that is there already is left alone."""
        text = resources.files("orchestrator.store").joinpath("home.md").read_bytes()
        self.store().create("README.md", text)

    def store(self) -> LocalStore:
        return LocalStore(self.root)

    @property
    def tracking_uri(self) -> str:
        """MLflow's embedded database, by absolute path: relative ones break with the working directory."""
        return f"sqlite:///{self.database}"

    @property
    def database(self) -> Path:
        return self.root / "mlflow.db"

    @property
    def artifacts(self) -> Path:
        return self.root / "artifacts"

    @property
    def token_cache(self) -> Path:
        return self.root / "tokens"

    def ray_log(self, sweep: str) -> Path:
        """What Ray and its workers print."""
        return self.root / "logs" / f"{sweep}-ray.log"

    def failures(self, key: str) -> Path:
        """The folder of a cell's tracebacks."""
        return self.root / CellPaths(key).failures

    def history(self, key: str) -> Path:
        """The folder of a cell's epochs."""
        return self.root / CellPaths(key).history

    def reports(self, sweep: str) -> Path:
        return self.root / "sweeps" / sweep / "report"
