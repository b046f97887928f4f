"""The command line, called in this process: what it says, how it leaves, and what it has done to the home."""

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
from done_sweep import Done, all_done
from own_sweep import OwnSweep, fill_in, tickets
from processes import Run
from said import Call, Said
from spoken import SOUND, Refused, RunBefore, contents

from orchestrator.cli import main
from orchestrator.plan import Plan, key_material, prepare_sweep
from orchestrator.store import CellStore, Home, LocalStore, SweepStore
from orchestrator.sweep_file import load_sweep
from trainables.records import CellResult


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


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory, seedwise: Run) -> OwnSweep:
    """Both losses on one seed, through Ray and into MLflow. Not to be changed."""
    place = tmp_path_factory.mktemp("own data")
    sweep, home = place / "tickets.yaml", place / "home"
    tickets().to_csv(place / "tickets.csv", index=False)
    with contextlib.redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as left:
        main(["init", str(sweep)])
    assert not left.value.code
    sweep.write_text(fill_in(sweep.read_text(), place / "tickets.csv"))
    return OwnSweep(
        home, seedwise("run", str(sweep), "--seeds", "1", "--set", "training.epochs=1", home=home).stdout
    )


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


@pytest.fixture
def run_before(new_home: Path) -> RunBefore:
    """Leaves what a run of `SOUND` under a name leaves: plan, settings, and a result for the first `done` cells."""
    home = Home(new_home)

    def run_before(name: str = "ok", done: int = 2, status: str = "finished", **changes: Any) -> Plan:
        Path(f"{name}.yaml").write_text(SOUND)
        set_ = [f"{key.replace('__', '.')}={value}" for key, value in changes.items()]
        plan = prepare_sweep(load_sweep(f"{name}.yaml", set_=set_).spec, home.token_cache)
        SweepStore(home.store()).save(name, plan.stored(), SOUND)
        for number, cell in enumerate(plan.cells):
            CellStore(home.store()).begin(cell.key, key_material(cell.config, cell.fingerprint))
            if number < done:
                result = CellResult(status=status, epochs=0, measured_at=1.0)  # type: ignore[arg-type]
                CellStore(home.store()).newest_try(cell.key).conclude_diverged(result)
        return plan

    return run_before


@pytest.fixture
def done(new_home: Path) -> Done:
    return all_done(Home.at(new_home))
