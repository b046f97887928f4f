"""A sweep of which all is done, recorded and said: written by hand."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from spoken import SOUND

from orchestrator.cli.last_word import LastWord
from orchestrator.cli.next_steps import Help
from orchestrator.plan import Plan, prepare_sweep
from orchestrator.record.home_id import home_id
from orchestrator.record.projection import CELL, HOME, IN_PLAN, SWEEP
from orchestrator.store import CellStore, Home
from orchestrator.sweep_file import load_sweep
from trainables.records import CellResult

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


def change_in_mlflow(done: Done, how: str) -> None:
    with closing(sqlite3.connect(done.home.database)) as database, database:
        database.execute(how)


def keep(last: LastWord, exit_code: int = 1) -> None:
    """As a run does that MLflow keeps up with."""
    word = last.keep("all of it was said", PAGE, exit_code, "what MLflow is to show", HELP)
    assert word is not None
    last.note_recorded(word)


def all_done(home: Home) -> Done:
    """In the working directory's `ok.yaml`."""
    Path("ok.yaml").write_text(SOUND)
    loaded = load_sweep("ok.yaml")
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
