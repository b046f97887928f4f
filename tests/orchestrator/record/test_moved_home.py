"""A home that is moved, or copied to another machine, takes what MLflow keeps of it along."""

import shutil
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hand_made import HandMadeSweep
from mlflow.tracking._tracking_service import utils

from orchestrator.record import sync_sweep, ui_command
from orchestrator.store import Home

Elsewhere = Callable[[Path, Path], object]


@pytest.fixture
def another_process(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A home moves between two: MLflow remembers in each where a run's files lie."""
    return lambda: monkeypatch.setattr(utils, "_artifact_repos_cache", OrderedDict())


def contents(home: Home) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()}


def lies_in(sweep: HandMadeSweep) -> set[bool]:
    """Whether its runs' files are said to lie in its home, and do."""
    return {
        run.info.artifact_uri.startswith(f"{sweep.home.artifacts.as_uri()}/")
        and bool(sweep.client.list_artifacts(run.info.run_id))
        for run in sweep.runs()
    }


@pytest.mark.parametrize("taken", [Path.rename, partial(shutil.copytree, dirs_exist_ok=True)])
def test_what_is_recorded_in_it_stays_in_it(
    sweep: HandMadeSweep, tmp_path: Path, taken: Elsewhere, another_process: Callable[[], None]
) -> None:
    sweep.finish(sweep.keys[0])
    sync_sweep(sweep.home, sweep.name)
    taken(sweep.home.root, tmp_path / "mövéd, 100 %")
    another_process()
    left = contents(sweep.home)
    there = HandMadeSweep(Home(tmp_path / "mövéd, 100 %"))
    there.finish(there.keys[1])
    sync_sweep(there.home, there.name)
    assert contents(sweep.home) == left
    assert len(there.runs()) == 3
    assert lies_in(there) == {True}


def test_what_is_in_an_experiment_that_was_renamed_moves_along(
    sweep: HandMadeSweep, tmp_path: Path, another_process: Callable[[], None]
) -> None:
    sweep.finish(sweep.keys[0])
    sync_sweep(sweep.home, sweep.name)
    experiment = sweep.client.get_experiment_by_name(sweep.name).experiment_id
    sweep.client.rename_experiment(experiment, "for the paper")
    moved = HandMadeSweep(Home(sweep.home.root.rename(tmp_path / "moved")))
    another_process()
    sync_sweep(moved.home, moved.name)
    moved.client.rename_experiment(experiment, moved.name)
    assert lies_in(moved) == {True}


def test_its_page_shows_its_files(
    sweep: HandMadeSweep, tmp_path: Path, another_process: Callable[[], None]
) -> None:
    sweep.finish(sweep.keys[0])
    sync_sweep(sweep.home, sweep.name)
    moved = HandMadeSweep(Home(sweep.home.root.rename(tmp_path / "moved")))
    another_process()
    assert lies_in(moved) == {False}
    ui_command(moved.home.tracking_uri, moved.home.artifacts)
    another_process()
    assert lies_in(moved) == {True}


def test_a_database_that_homes_share_is_left_as_it_is(sweep: HandMadeSweep, tmp_path: Path) -> None:
    sweep.finish(sweep.keys[0])
    sync_sweep(sweep.home, sweep.name)
    another = HandMadeSweep(Home(tmp_path / "another"))
    another.finish(another.keys[0])
    sync_sweep(another.home, another.name, sweep.home.tracking_uri)
    assert {run.info.artifact_uri.startswith(sweep.home.artifacts.as_uri()) for run in sweep.runs()} == {True}
