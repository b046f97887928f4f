"""A sweep that needs nothing says so at once; and whatever has changed, it goes through everything again."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from done_sweep import HELP, PAGE, Done, change_in_mlflow, keep

from orchestrator.cli import main
from orchestrator.record.projection import IN_PLAN
from orchestrator.store import SweepStore
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.question import Question

ROOT = Path(__file__).parents[3]


def test_what_was_said_is_said_again(done: Done) -> None:
    word = done.word().found()
    assert word is not None
    assert (word.said, word.report, word.exit_code, word.helps) == ("all of it was said", PAGE, 1, HELP)
    assert done.word().is_shown(word)
    assert done.word(text=done.text).found() == word


def retrained(done: Done) -> None:
    key = done.plan.cells[0].key
    done.home.store().delete(CellPaths(key).result)
    done.conclude(key, 99.0)


def of_cells(done: Done) -> Question:
    arms = {cell.arm: frozenset([cell.key]) for cell in done.plan.cells}
    return Question(frozenset([frozenset(arms.values())]), "test_accuracy", None)


CHANGES: dict[str, Callable[[Done], object]] = {
    "a result is gone": lambda done: done.home.store().delete(CellPaths(done.plan.cells[0].key).result),
    "a cell was trained again": retrained,
    "a result is damaged": lambda done: done.home.store().replace(CellPaths(done.plan.cells[0].key).result, b"{}"),
    "the report is gone": lambda done: (done.home.root / PAGE).unlink(),
    "the report is cut short": lambda done: (done.home.root / PAGE).write_text(""),
    "a figure is gone": lambda done: (done.home.root / PAGE).with_name("figures").joinpath("a.svg").unlink(),
    "a verdict was shown": lambda done: SweepStore(done.home.store()).add_look(
        NotedLook(done.plan.spec.name, (7, 8), Question(frozenset(), "test_accuracy", None), plain=True)
    ),
    "a verdict on its cells was shown by another name": lambda done: SweepStore(done.home.store()).add_look(
        NotedLook("other", (0, 1), of_cells(done), plain=True)
    ),
    "it was taken back": lambda done: done.word().take_back(),
    "it is damaged": lambda done: done.home.store().replace(
        f"sweeps/{done.plan.spec.name}/last_word.json", b"not what was written"
    ),
    "another word in the file": lambda done: setattr(done, "text", done.text + "# a word in the file\n"),
    "more seeds": lambda done: setattr(done, "plan", done.again("seeds=5")),
    "another baseline": lambda done: setattr(done, "plan", done.again("baseline=loss=binary_cross_entropy")),
}

LOST_IN_MLFLOW: dict[str, Callable[[Done], object]] = {
    "MLflow's database is gone": lambda done: (done.home.root / "mlflow.db").unlink(),
    "MLflow's database is none": lambda done: done.home.database.write_bytes(b"garbage" * 1000),
    "MLflow's files are gone": lambda done: shutil.rmtree(done.home.artifacts),
    "MLflow has lost a run": lambda done: change_in_mlflow(done, "delete from runs where run_uuid = 1"),
    "the sweep's own run is gone": lambda done: change_in_mlflow(done, "delete from runs where run_uuid = 0"),
    "a cell is no longer shown as planned": lambda done: change_in_mlflow(
        done, f"update tags set value = 'false' where run_uuid = 1 and key = '{IN_PLAN}'"
    ),
    "a run was deleted in MLflow's page": lambda done: change_in_mlflow(
        done, "update runs set lifecycle_stage = 'deleted' where run_uuid = 1"
    ),
    "MLflow shows a run as running": lambda done: change_in_mlflow(
        done, "update runs set status = 'RUNNING' where run_uuid = 1"
    ),
    "MLflow shows a done cell as interrupted": lambda done: change_in_mlflow(
        done, "update runs set status = 'KILLED' where run_uuid = 1"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_nothing_is_said_again_once_something_has_changed(change: Callable[[Done], object], done: Done) -> None:
    change(done)
    assert done.word().found() is None


@pytest.mark.parametrize("change", LOST_IN_MLFLOW.values(), ids=LOST_IN_MLFLOW)
def test_what_mlflow_has_lost_is_no_reason_to_compare_again(change: Callable[[Done], object], done: Done) -> None:
    change(done)
    word = done.word().found()
    assert word is not None
    assert not done.word().is_shown(word)


def test_that_nothing_is_left_to_train_is_said_before_anything_is_compared(
    done: Done, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done.word().take_back()
    told: list[str] = []

    def compare(_: object) -> NoReturn:
        told.append(capsys.readouterr().out)
        raise SystemExit

    monkeypatch.setattr("orchestrator.cli.carry_out.outcome_of", compare)
    with pytest.raises(SystemExit):
        main(["run", "ok.yaml", "--home", str(done.home.root)])
    assert "nothing is left to train: 0 of 2 cells are finished and 2 diverged; they are compared, and" in told[0]


def test_nothing_is_said_again_where_mlflow_is_elsewhere_or_seedwise_another(
    done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert done.word("http://127.0.0.1:5000").found() is None
    monkeypatch.setattr("orchestrator.cli.last_word.versions", lambda: {"seedwise": "another"})
    assert done.word().found() is None


def test_no_word_is_kept_of_a_sweep_with_cells_that_are_left(done: Done) -> None:
    done.word().take_back()
    done.home.store().delete(CellPaths(done.plan.cells[0].key).result)
    assert done.word().keep("something", PAGE, 0, "", None) is None
    assert SweepStore(done.home.store()).last_word(done.plan.spec.name) is None


def test_a_server_is_not_vouched_for(done: Done, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = "http://127.0.0.1:9"
    SweepStore(done.home.store()).save(done.plan.spec.name, done.plan.stored(), done.text)
    keep(done.word(nobody), exit_code=0)
    with pytest.raises(SystemExit):
        main(["run", "ok.yaml", "--home", str(done.home.root), "--tracking-uri", nobody])
    said = capsys.readouterr().out
    assert "there is nothing to do: all of it is finished" in said
    assert "and in MLflow" not in said
    assert "was in MLflow at its end (seedwise sync looks again)" in said


def test_a_run_with_nothing_to_do_says_so_and_loads_nothing_heavy(done: Done) -> None:
    ask = (
        "import sys\nfrom orchestrator.cli import main\n"
        f"try: main(['run', 'ok.yaml', '--home', {str(done.home.root)!r}])\n"
        "except SystemExit as end: print(end.code)\n"
        "print(' '.join({name.split('.')[0] for name in sys.modules}))"
    )
    said = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}
    )
    *words, code, loaded = said.stdout.splitlines()
    assert "all of it was said" in words
    assert "there is nothing to do: all of it is finished, in the report and in MLflow" in words
    assert f"report: {done.home.root / PAGE}" in words
    assert code == "1"
    assert (
        set(loaded.split()) & {"ray", "mlflow", "pandas", "scipy", "sklearn", "matplotlib", "datasets", "s3fs"}
        == set()
    )
