"""Cells that users have stored keep their keys, whatever is added to the settings.

`recorded_keys.json` holds cells as they lie in homes: `settings.json` and the key. Its lines are never changed; a
setting that comes later is marked (`trainables/settings.py`) so that they need not be.
"""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import pytest

from orchestrator.plan import cell_key, key_material
from orchestrator.sweep_file import load_sweep
from trainables.config import CellConfig
from trainables.losses import BinaryCrossEntropy
from trainables.settings import STORED, AddedLater, Settings
from trainables.training import TrainingSettings

RECORDED: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("recorded_keys.json").read_text())

REMEDY = (
    "Every cell like it that users have stored would be trained again. If a setting was added, mark it: "
    "Annotated[…, AddedLater(neutral=…)]. If one was removed or renamed, or RECIPE was raised because the same "
    "settings train to other numbers, and that is meant, record new lines beside the old ones, say so in "
    "CHANGELOG.md, and let this test pass the old ones over."
)


def read_back(config: type[CellConfig], stored: dict[str, Any]) -> CellConfig:
    """Stored settings as a config. Of the data they say the fingerprint only; where from is not in the key."""
    told = {name: group for name, group in stored.items() if name != "recipe"}
    return config.model_validate(told | {"data": "synthetic"}, context=STORED)


@pytest.mark.parametrize("name", RECORDED)
def test_a_stored_cell_has_the_key_that_it_has_always_had(name: str) -> None:
    key, stored = RECORDED[name]["key"], RECORDED[name]["settings"]
    config, fingerprint = read_back(CellConfig, stored), stored["data"]["fingerprint"]
    assert key_material(config, fingerprint) == stored, REMEDY
    assert cell_key(config, fingerprint) == key, REMEDY


@pytest.mark.parametrize("name", RECORDED)
def test_the_key_is_a_hash_of_the_stored_settings_and_of_nothing_else(name: str) -> None:
    material = json.dumps(RECORDED[name]["settings"], sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(material.encode()).hexdigest()[:32] == RECORDED[name]["key"]


def test_the_first_cell_of_a_home_s_first_sweep_is_still_that_cell() -> None:
    """Data, sweep file and settings together: what `seedwise run quickstart` has always begun with."""
    config = load_sweep("quickstart").spec.cells[0].config
    recorded = RECORDED["quickstart: loss=cross_entropy, seed 0"]
    assert cell_key(config, config.data.load().fingerprint) == recorded["key"], REMEDY


# What the mark does to the key of a whole cell.


class HeadSettings(Settings):
    learning_rate_scale: float = 0.5


class Training(TrainingSettings):
    ema: Annotated[float | None, AddedLater(neutral=None)] = None


class Smoothed(BinaryCrossEntropy):
    label_smoothing: Annotated[float, AddedLater(neutral=0.0)] = 0.1


class Grown(CellConfig):
    """The settings of a later version: one more in a group, in a union's member, and a whole group."""

    training: Training = Training()
    loss: Smoothed
    head: Annotated[HeadSettings, AddedLater(neutral={"learning_rate_scale": 1.0})] = HeadSettings()


OLD = RECORDED["quickstart: loss=binary_cross_entropy, seed 0"]
FINGERPRINT = OLD["settings"]["data"]["fingerprint"]


def grown(**changes: Any) -> CellConfig:
    """The old cell under the later version's settings, at their neutral values but for the changes."""
    config = read_back(Grown, OLD["settings"])
    return Grown.model_validate(config.model_dump() | changes)


def test_settings_that_are_added_leave_the_key_of_a_cell_that_does_not_use_them() -> None:
    assert cell_key(read_back(Grown, OLD["settings"]), FINGERPRINT) == OLD["key"]
    assert cell_key(grown(head={"learning_rate_scale": 1}), FINGERPRINT) == OLD["key"]
    assert key_material(grown(), FINGERPRINT) == OLD["settings"]


@pytest.mark.parametrize(
    "changes",
    [
        {"training": Training(epochs=4, ema=0.9)},
        {"loss": {"label_smoothing": 0.2}},
        {"loss": {}},  # whose default is not neutral
        {"head": {"learning_rate_scale": 2.0}},
        {"head": {}},
    ],
    ids=str,
)
def test_a_cell_that_uses_them_has_a_key_of_its_own(changes: dict[str, Any]) -> None:
    assert cell_key(grown(**changes), FINGERPRINT) != OLD["key"]
