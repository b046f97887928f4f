"""A `seedwise run` as it was typed: the sweep, and where and how it is to be run."""

from dataclasses import dataclass
from pathlib import Path

from orchestrator.sweep_file import LoadedSweep


@dataclass(frozen=True)
class RunCommand:
    """None where nothing was said."""

    loaded: LoadedSweep
    home: Path | None = None
    store: str | None = None
    tracking_uri: str | None = None
    address: str | None = None
    retry_diverged: bool = False
