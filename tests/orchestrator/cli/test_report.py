"""`seedwise report`, and the report that is redone while a sweep runs."""

import threading
from pathlib import Path

import pytest
from said import Call
from stored import APART, store_sweep

from orchestrator.cli import report_meanwhile, reporting
from orchestrator.cli.report_meanwhile import ReportMeanwhile
from orchestrator.record import RecordState
from orchestrator.store import Home, SweepStore


@pytest.fixture(autouse=True)
def _nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """How the figures look is tried elsewhere, and they take most of the time."""
    monkeypatch.setattr("orchestrator.report.composition.Report.pictures", ())
    monkeypatch.setattr("orchestrator.report.write.html", lambda report, figures: f"<h1>{report.title}</h1>")


def test_it_writes_the_page_and_says_where_and_the_verdict_is_a_look(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", APART)
    said = call("report", "x", "--home", str(new_home))
    page = new_home / "sweeps/x/report/report.html"
    assert (said.code, said.out, said.err) == (0, f"report: {page}\n", "")
    assert page.read_text() == "<h1>x</h1>"
    assert "BETTER: loss=b beats loss=a" in page.with_name("report.md").read_text()
    assert [look.seeds for look in SweepStore(Home.at(new_home).store()).notes().looks] == [(0, 1, 2, 3, 4)]
    assert not (new_home / "mlflow.db").exists(), "where nothing has been recorded, no database is made"


def test_a_copy_goes_where_it_is_wanted_beside_what_is_there(call: Call, new_home: Path, tmp_path: Path) -> None:
    store_sweep(new_home, "x", APART)
    out = tmp_path / "for a paper"
    out.mkdir()
    (out / "mine.txt").touch()
    (out / "report.html").write_text("of yesterday")
    with (out / "report.html").open() as read_meanwhile:
        said = call("report", "x", "--home", str(new_home), "--out", str(out))
        assert read_meanwhile.read() == "of yesterday", "and so after a kill, for it is not written over"
    assert (out / "report.html").read_text() == "<h1>x</h1>"
    assert f"copy: {out / 'report.html'}\n" in said.out
    copied = {str(file.relative_to(out)) for file in out.rglob("*") if file.is_file()}
    assert copied == {
        "mine.txt",
        "report.html",
        "report.md",
        "numbers.json",
        "numbers.csv",
        "cells.csv",
        "epochs.csv",
    }


def test_a_place_that_cannot_be_written_is_said_with_where_the_report_lies(
    call: Call, new_home: Path, tmp_path: Path
) -> None:
    store_sweep(new_home, "x", APART)
    (tmp_path / "file").touch()
    said = call("report", "x", "--home", str(new_home), "--out", str(tmp_path / "file"))
    assert said.code == 2
    assert "--out" in said.err
    assert f"cannot be copied there (it is a file, not a folder); it lies in {new_home}/sweeps/x/report" in said.err


def test_a_sweep_that_nobody_ran_is_refused(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "quickstart", APART)
    said = call("report", "quikstart", "--home", str(new_home))
    assert (said.code, said.out) == (2, "")
    assert "did you mean quickstart?" in said.err


@pytest.mark.parametrize("why", ["", "it is locked\nby somebody"])
def test_it_goes_to_mlflow_where_the_sweep_is_recorded(
    call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    store_sweep(new_home, "x", APART)
    recorded = []

    def sync(home, sweep, uri, *, note, report):  # type: ignore[no-untyped-def]
        recorded.append((home, sweep, uri, note, report))
        return RecordState(0, 10 * bool(why), why)

    monkeypatch.setattr(reporting, "sync_sweep", sync)
    said = call("report", "x", "--home", str(new_home), "--tracking-uri", "http://127.0.0.1:9")
    ((home, sweep, uri, note, folder),) = recorded
    assert (home.root, sweep, uri, folder) == (new_home, "x", "http://127.0.0.1:9", new_home / "sweeps/x/report")
    assert note.startswith("**loss=b against loss=a**: BETTER")
    assert said.code == 0
    late = "MLflow does not show it yet (it is locked); seedwise sync x catches up"
    assert (late in said.out) == bool(why)


# While the sweep runs.


def under_way(home: Path) -> Home:
    """A sweep of ten finished cells, and two that are not."""
    store_sweep(home, "x", APART)
    sweeps = SweepStore(Home.at(home).store())
    plan = sweeps.plan("x")
    assert plan is not None
    plan["cells"] += [{"key": f"new-{arm[-1]}", "arm": arm, "seed": 5} for arm in APART]
    plan["seeds"].append(5)
    sweeps.save("x", plan, "")
    return Home.at(home)


def test_it_is_redone_when_cells_have_come_in_and_only_then(new_home: Path) -> None:
    home, offered = under_way(new_home), []
    meanwhile = ReportMeanwhile(home, "x", lambda note, folder: offered.append((note, folder)))
    assert [meanwhile.redo(), meanwhile.redo()] == [True, False]
    ((note, folder),) = offered
    assert note.startswith("**No verdict yet: 2 of 12 cells are missing.")
    assert (folder / "report.html").exists()
    assert SweepStore(home.store()).notes().looks == ()


def test_a_verdict_is_left_to_the_end_of_the_run_which_notes_the_look(new_home: Path) -> None:
    store_sweep(new_home, "x", APART)
    home = Home.at(new_home)
    assert not ReportMeanwhile(home, "x", lambda note, folder: None).redo()
    assert not home.reports("x").exists()


def test_what_goes_wrong_is_left_to_the_end_and_nothing_is_written_after_it(
    new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, offered, failed = under_way(new_home), threading.Event(), threading.Event()
    compose = report_meanwhile.compose

    def once_wrong(*given):  # type: ignore[no-untyped-def]
        if not failed.is_set():
            failed.set()
            raise OSError("the disk is away")
        return compose(*given)

    monkeypatch.setattr(report_meanwhile, "compose", once_wrong)
    monkeypatch.setattr(report_meanwhile, "pause_after", lambda work_s, took_s, least_s: least_s)
    meanwhile = ReportMeanwhile(home, "x", lambda note, folder: offered.set(), pause_s=0.01)
    meanwhile.start()
    assert offered.wait(10)
    meanwhile.end()
    assert not meanwhile._thread.is_alive()


@pytest.mark.parametrize(
    ("work_s", "took_s", "pause_s"),
    [(4, 5, 300), (30, 40, 600), (3, 60, 300), (3, 1000, 3000)],
    ids=["small", "large", "of busy processors", "of a slow store"],
)
def test_a_report_may_cost_little_of_the_time_and_is_not_put_off_for_want_of_processors(
    work_s: float, took_s: float, pause_s: float
) -> None:
    assert report_meanwhile.pause_after(work_s, took_s) == pause_s


def test_a_run_that_had_nothing_to_train_never_began_one(new_home: Path) -> None:
    ReportMeanwhile(Home.at(new_home), "x", lambda note, folder: None).end()
