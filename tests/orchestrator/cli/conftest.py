"""The command line, called in this process: what it says, how it leaves, and what it has done to the home."""

from pathlib import Path

import pytest
from spoken import SOUND, Call, Refused, Said, contents

from orchestrator.cli import main
from orchestrator.store import LocalStore, SweepStore


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEEDWISE_HOME", raising=False)


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Call:
    """Calls `seedwise` with these words."""

    def call(*words: str) -> Said:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(words))
        out, err = capfd.readouterr()
        return Said(int(left.value.code or 0), out, err)

    return call


@pytest.fixture
def new_home(tmp_path: Path) -> Path:
    """A home that is not there yet."""
    return tmp_path / "my runs"


@pytest.fixture
def used_home(new_home: Path) -> Path:
    """A home in which a sweep called `earlier` has left its traces."""
    store = LocalStore(new_home)
    SweepStore(store).save("earlier", {"sweep": "earlier", "cells": []}, SOUND)
    store.create("cells/c0ffee/settings.json", b"{}")
    store.create("cells/c0ffee/history/0001.json", b"{}")
    (new_home / "mlflow.db").write_bytes(b"")
    return new_home


@pytest.fixture(params=["new", "used"])
def home(request: pytest.FixtureRequest) -> Path:
    """A home that is not there yet, then one that has been used."""
    path: Path = request.getfixturevalue(f"{request.param}_home")
    return path


@pytest.fixture
def refused(call: Call) -> Refused:
    """Calls `seedwise` with something wrong, and gives the message. The home must stay as it is."""

    def refused(*words: str, home: Path) -> str:
        before, used = contents(home), (home / "sweeps").exists()
        said = call(*words, "--home", str(home))
        assert "Traceback" not in said.out + said.err
        assert said.code == 2, said
        assert said.err.startswith("error: "), said.err
        assert contents(home) == before
        assert used or (not (home / "sweeps").exists() and not (home / "cells").exists())
        return said.err.removeprefix("error: ").removesuffix("\n")

    return refused
