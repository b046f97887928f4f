"""Sweeps in a store: which cells a name stands for, and from which file it came.

sweeps/<name>/plan.json      the newest plan: arms, cells by key, baseline, deciding metric
              sweep.yaml     the file as it was read
"""

from typing import Any

from orchestrator.store.base import DamagedError, Store, seal, unseal


class SweepStore:
    """Reads and writes plans by sweep name."""

    def __init__(self, store: Store):
        self.store = store

    def save(self, name: str, plan: dict[str, Any], source_text: str) -> None:
        """Make this the plan that the name stands for."""
        self.store.replace(f"sweeps/{name}/sweep.yaml", source_text.encode())
        self.store.replace(f"sweeps/{name}/plan.json", seal(plan))

    def plan(self, name: str) -> dict[str, Any] | None:
        """The newest plan; None for a name that has never been run, or whose record is damaged."""
        record = f"sweeps/{name}/plan.json"
        data = self.store.read(record)
        try:
            content: dict[str, Any] | None = None if data is None else unseal(data, record)
        except DamagedError:
            return None
        return content

    def names(self) -> list[str]:
        """All sweeps that have been run."""
        found = [name.split("/") for name in self.store.names("sweeps")]
        return sorted(parts[1] for parts in found if parts[2:] == ["plan.json"])
