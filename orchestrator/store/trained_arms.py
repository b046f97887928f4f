"""Which arms of a home have runs, of whatever sweep: found by their cells' settings."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from orchestrator.store.cells import CellStore

Settings = Mapping[str, Any]


def arm_of(settings: Settings) -> str:
    """All that makes an arm: every setting of a cell but the seed."""
    return json.dumps({name: value for name, value in settings.items() if name != "seed"}, sort_keys=True)


def data_of(settings: Settings) -> str:
    """Data and split: what runs must share to be compared."""
    return json.dumps([settings["data"]["fingerprint"], settings["split"]], sort_keys=True)


def trained_arms(cells: CellStore, begun: Collection[str], data: Collection[str]) -> dict[str, dict[str, int]]:
    """Arm → the keys of those of its cells that have begun, each with its seed; on any of these data and splits."""
    found: dict[str, dict[str, int]] = {}
    for key, settings in cells.of_each(sorted(begun), cells.settings).items():
        if settings is not None and "seed" in settings and data_of(settings) in data:
            found.setdefault(arm_of(settings), {})[key] = settings["seed"]
    return found
