"""What is noted as damaged is told by the next command, wherever it is noted, and once."""

from pathlib import Path

import pytest

from orchestrator.cli.damage_told import telling_damage
from orchestrator.record.open_servers import FOLDER, noted_shown
from orchestrator.store import Home, LocalStore
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
