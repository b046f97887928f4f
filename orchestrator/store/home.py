"""The folder that runs leave their traces in: MLflow's database and artifacts, caches, logs, reports, cells.

The cells may lie elsewhere, in a store that a URL names. The home remembers it, so that it is named once.
"""

import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from orchestrator.home_root import MEMORY, STORE_VARIABLE, home_root
from orchestrator.store.base import DamagedError, Store, seal, unseal
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.local import LocalStore
from orchestrator.store.opening import checked_url, open_store
from trainables.errors import UserError


@dataclass(frozen=True)
class Home:
    """Absolute paths of everything that lies under one home, and the store of its cells."""

    root: Path
    store_url: str = ""
    """Where the cells lie; empty: in the home itself."""

    @classmethod
    def at(cls, chosen: Path | None, store: str | None = None) -> "Home":
        """The home of a command. `store`: the URL that was asked for, else the one that SEEDWISE_STORE names.

        Raises UserError where that contradicts what the home remembers: of cells in two places it would find half.
        """
        root = home_root(chosen)
        asked, kept = store or os.environ.get(STORE_VARIABLE), _remembered(root)
        if not asked:
            return cls(root, kept or "")
        home = cls(root, "" if checked_url(asked) == root.as_uri() else checked_url(asked))
        if kept is not None:
            home._agree_with(kept)
        return home

    def remember_store(self) -> None:
        """Note where the cells lie, if not here. Raises UserError if another process has noted another place."""
        if self.store_url and not LocalStore(self.root).create(MEMORY, seal({"url": self.store_url})):
            self._agree_with(_remembered(self.root) or "")

    def leave_readme(self) -> None:
        """Say to whoever finds the folder what lies in it; a page that is there already is left alone."""
        text = resources.files("orchestrator.store").joinpath("home.md").read_bytes()
        LocalStore(self.root).create("README.md", text)

    def store(self) -> Store:
        return open_store(self.store_url) if self.store_url else LocalStore(self.root)

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

    @property
    def page_log(self) -> Path:
        """What the server of MLflow's page says."""
        return self.root / "logs" / "ui.log"

    def failures(self, key: str) -> str:
        """Where a cell's tracebacks are."""
        return f"{self.store().url}/{CellPaths(key).failures}"

    def reports(self, sweep: str) -> Path:
        return self.root / "sweeps" / sweep / "report"

    def _agree_with(self, kept: str) -> None:
        if self.store_url != kept:
            raise UserError(
                f"the home {self.root} keeps its cells in {kept or 'itself'}, not in {self.store_url or 'itself'}; "
                f"leave --store and {STORE_VARIABLE} out, or choose another home with --home"
            )


def _remembered(root: Path) -> str | None:
    """Where the home's cells lie: a URL, or empty for itself; None for a home that has none yet."""
    data = LocalStore(root).read(MEMORY)
    if data is None:
        return "" if (root / "cells").is_dir() else None
    try:
        url: str = unseal(data, MEMORY)["url"]
    except DamagedError as error:
        raise UserError(
            f"{root / MEMORY} is damaged, which says where the cells of this home lie; delete it, and name the "
            "place once more with --store"
        ) from error
    return url
