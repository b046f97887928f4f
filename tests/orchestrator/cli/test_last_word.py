"""A sweep that needs nothing says so at once; and whatever has changed, it goes through everything again."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from spoken import SOUND

from orchestrator.cli import main
from orchestrator.cli.carry_out import LEAVING_S, RECORD_DEADLINE_S
from orchestrator.cli.last_word import LastWord
from orchestrator.cli.next_steps import Help
from orchestrator.plan import Plan, prepare_sweep
from orchestrator.record import Recorder, RecordState
from orchestrator.record.home_id import home_id
from orchestrator.record.projection import CELL, HOME, IN_PLAN, SWEEP
from orchestrator.run.stopping import EARLIER_S, STOP_WITHIN_S, StopSwitch
from orchestrator.store import CellStore, Home, SweepStore
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.question import Question
from orchestrator.sweep_file import load_sweep
from trainables.records import CellResult

ROOT = Path(__file__).parents[3]
PAGE = "sweeps/ok/report/report.html"
HELP = Help(words=("--seeds", "9"), purpose="settle it")


@dataclass
class Done:
    """A sweep of which all is done, and what its last run said."""

    home: Home
    plan: Plan
    text: str

    @property
    def cells(self) -> CellStore:
        return CellStore(self.home.store())

    def conclude(self, key: str, at: float) -> None:
        result = CellResult(status="diverged", epochs=0, divergence="the loss became nan", measured_at=at)
        self.cells.newest_try(key).conclude_diverged(result)

    def word(self, tracking_uri: str | None = None, text: str | None = None) -> LastWord:
        return LastWord(self.home, self.plan, text or self.text, tracking_uri)

    def again(self, *options: str) -> Plan:
        return prepare_sweep(load_sweep("ok.yaml", set_=options).spec, self.home.token_cache)


def show_in_mlflow(home: Home, plan: Plan) -> None:
    """As much of its database as is looked at: a run of the sweep, one of each cell, and of cells that it no longer
    has."""
    cells = {0: {}} | {1 + n: {CELL: cell.key, IN_PLAN: "true"} for n, cell in enumerate(plan.cells)}
    cells |= {100 + n: {CELL: f"dropped {n}", IN_PLAN: "false"} for n in range(3)}
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute("create table runs (run_uuid, status, lifecycle_stage)")
        database.execute("create table tags (run_uuid, key, value)")
        for run, cell in cells.items():
            database.execute("insert into runs values (?, 'FINISHED', 'active')", (run,))
            tags = {HOME: home_id(home.store()), SWEEP: plan.spec.name, **cell}
            database.executemany("insert into tags values (?, ?, ?)", [(run, *tag) for tag in tags.items()])


def change_in_mlflow(done: "Done", how: str) -> None:
    with closing(sqlite3.connect(done.home.database)) as database, database:
        database.execute(how)


@pytest.fixture
def done(new_home: Path) -> Done:
    Path("ok.yaml").write_text(SOUND)
    loaded, home = load_sweep("ok.yaml"), Home.at(new_home)
    done = Done(home, prepare_sweep(loaded.spec, home.token_cache), loaded.text)
    for number, cell in enumerate(done.plan.cells):
        done.conclude(cell.key, float(number))
    show_in_mlflow(home, done.plan)
    (home.artifacts / done.plan.spec.name).mkdir(parents=True)
    page = home.root / PAGE
    (page.parent / "figures").mkdir(parents=True)
    page.write_text("as it was")
    (page.parent / "figures" / "a.svg").write_text("<svg/>")
    keep(done.word())
    return done


def keep(last: LastWord, exit_code: int = 1) -> None:
    """As a run does that MLflow keeps up with."""
    word = last.keep("all of it was said", PAGE, exit_code, "what MLflow is to show", HELP)
    assert word is not None
    last.note_recorded(word)


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


class Recording:
    """In the recorder's place: what it was to record, and how far it comes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.asked: list[dict[str, object]] = []
        self.state = RecordState(recorded=2, behind=0)
        monkeypatch.setattr(Recorder, "finish", lambda _, deadline_s, **what: self.asked.append(what) or self.state)


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> Recording:
    return Recording(monkeypatch)


def run(done: Done, capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    with pytest.raises(SystemExit) as left:
        main(["run", "ok.yaml", "--home", str(done.home.root)])
    return left.value.code, capsys.readouterr().out


def test_a_run_that_mlflow_did_not_keep_up_with_leaves_its_word_and_the_next_one_only_records(
    done: Done, recording: Recording, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    SweepStore(done.home.store()).save(done.plan.spec.name, done.plan.stored(), done.text)
    done.word().take_back()
    recording.state = RecordState(recorded=0, behind=2, error="MLflow did not keep up within 120 s")
    code, said = run(done, capsys)
    assert "MLflow is 2 cells behind (MLflow did not keep up within 120 s)" in said
    (at_first,) = recording.asked

    monkeypatch.setattr("orchestrator.cli.carry_out.outcome_of", lambda _: pytest.fail("compared again"))
    again = run(done, capsys)
    assert again[0] == code == 1
    assert "there is nothing to do but to record it: MLflow is brought up to date" in again[1]
    assert "MLflow is 2 cells behind" in again[1]
    assert "sync ok" in again[1]
    assert recording.asked == [at_first | {"stopped": ()}, {key: at_first[key] for key in ("note", "report")}]

    recording.state = RecordState(recorded=2, behind=0)
    assert "behind" not in run(done, capsys)[1]
    assert "there is nothing to do: all of it is finished, in the report and in MLflow" in run(done, capsys)[1]
    assert len(recording.asked) == 3


def test_a_signal_while_it_only_records_closes_the_record_and_leaves_the_rest_to_the_next_run(
    done: Done, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done.word().take_back()
    assert done.word().keep("all of it was said", PAGE, 1, "what MLflow is to show", HELP) is not None
    deadlines: list[float] = []

    def finish(_: Recorder, deadline_s: float, **__: object) -> RecordState:
        deadlines.append(deadline_s)
        if len(deadlines) == 1:
            signal.raise_signal(signal.SIGTERM)
        return RecordState(recorded=1, behind=1, error="MLflow did not keep up")

    monkeypatch.setattr(StopSwitch, "end_process_in_time", lambda *_, **__: None)  # it would end the tests
    monkeypatch.setattr(Recorder, "finish", finish)
    with pytest.raises(SystemExit) as left:
        main(["run", "ok.yaml", "--home", str(done.home.root)])
    said = capsys.readouterr()
    assert left.value.code == 128 + signal.SIGTERM
    assert said.out.endswith("there is nothing to do but to record it: MLflow is brought up to date\n")
    assert said.err == "stopped: SIGTERM received\nnothing that was stored is lost; run the same command to go on\n"
    assert deadlines[0] == RECORD_DEADLINE_S
    assert deadlines[1:] == [pytest.approx(STOP_WITHIN_S - EARLIER_S - LEAVING_S, abs=1.0)]
    word = done.word().found()
    assert word is not None
    assert not word.recorded


def test_what_cannot_be_taken_away_from_mlflow_is_told(
    done: Done, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.state = RecordState(recorded=2, behind=0, notice="files of an earlier one lie there")
    change_in_mlflow(done, "update runs set status = 'RUNNING'")
    assert "\nfiles of an earlier one lie there\n" in run(done, capsys)[1]


def test_that_nothing_is_left_to_train_is_said_before_anything_is_compared(
    done: Done, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done.word().take_back()
    told: list[str] = []

    def compare(_: object) -> NoReturn:
        told.append(capsys.readouterr().out)
        raise SystemExit

    monkeypatch.setattr("orchestrator.cli.carry_out.outcome_of", compare)
    run(done, capsys)
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
