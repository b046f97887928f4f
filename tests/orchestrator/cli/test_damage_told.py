"""What is noted as damaged is told by the next command, wherever it is noted, and once."""

import time
from pathlib import Path
from typing import Any

import pytest

from orchestrator.cli.damage_told import damage_sentences, telling_damage
from orchestrator.record.open_servers import FOLDER, noted_shown
from orchestrator.store import CellStore, Home, LocalStore, SweepStore
from orchestrator.store.damage import note_damage


def test_damage_in_a_home_whose_cells_lie_elsewhere_is_told_beside_theirs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home.at(tmp_path / "home", (tmp_path / "cells").as_uri())
    home.remember_store()
    LocalStore(home.root).create(f"{FOLDER}/c0ffee.json", b"half of i")
    assert list(noted_shown(home)) == []
    note_damage(home.store(), "sweeps/small/record/000001.json", b"half of i")
    with telling_damage(home.root, None, "small"):
        pass
    of_home, of_store = capsys.readouterr().err.splitlines()
    assert of_home.startswith(
        f"damaged: {FOLDER}/c0ffee.json is not what was written (kept as {home.root}/damaged/{FOLDER}/c0ffee.json-"
    )
    assert of_store.startswith(
        f"damaged: sweeps/small/record/000001.json is not what was written (kept as {tmp_path}/cells/damaged/"
    )
    with telling_damage(home.root, None, "small"):
        pass
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("epochs_done", "steps", "became"),
    [
        (0, 0, "it was trained again from the start"),
        (0, 7, "it went on in epoch 1"),
        (2, 0, "it went on after epoch 2"),
    ],
)
def test_it_is_said_where_a_cell_went_on_from_also_in_the_middle_of_an_epoch(
    epochs_done: int, steps: int, became: str, tmp_path: Path
) -> None:
    store, key = LocalStore(tmp_path), "c0ffee" * 5 + "00"
    SweepStore(store).save("small", {"name": "small", "cells": [{"key": key, "arm": "loss=a", "seed": 3}]}, "")
    note_damage(store, f"cells/{key}/checkpoint/000002-000000000-0.safetensors", b"half of i")
    session = {"environment": {}, "epochs_done": epochs_done, "steps": steps, "at": time.time() + 60}
    CellStore(store).add_session(key, session)
    ((said, _),) = damage_sentences(store, "small")
    assert said.endswith(f"; {became}")


@pytest.mark.parametrize(("plan", "which"), [({"cells": []}, "runs of small"), (None, "any runs here")])
def test_of_a_lost_note_it_is_said_what_it_costs(plan: dict[str, Any] | None, which: str, tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    if plan is not None:
        SweepStore(store).save("small", plan, "")
    note_damage(store, "sweeps/small/looks/0001.json", b"half of i")
    ((said, _),) = damage_sentences(store, "small")
    _, costs = said.split("; ")
    assert costs == (
        f"nobody knows what it said, so that verdicts on {which} are judged as a later look's, but for those that "
        "are known to have been shown"
    )
