"""What `plan` says of the runs before: changed settings, growth, cells of other sweeps, diverged cells."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from said import Call
from spoken import SOUND, RunBefore

from orchestrator.cli.preview import _preview
from orchestrator.cli.since_last_run import few_to_begin_with
from orchestrator.plan import Plan, prepare_sweep
from orchestrator.plan.choice import to_be_noted
from orchestrator.run.cluster import Node
from orchestrator.run.work_left import commit_plan, work_left
from orchestrator.store import CellStore, Holder, Home, SweepStore
from orchestrator.store.base import seal
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.seen_cells import SeenCells
from orchestrator.sweep_file import load_sweep
from trainables.records import EpochRecord


@pytest.fixture
def planned(call: Call, new_home: Path) -> Callable[..., tuple[dict[str, Any], str]]:
    """What `seedwise plan` says of `ok.yaml`: as JSON, and in words."""

    def planned(*options: str) -> tuple[dict[str, Any], str]:
        as_json = call("plan", "ok.yaml", *options, "--json", "--home", str(new_home))
        assert (as_json.code, as_json.err) == (0, "")
        return json.loads(as_json.out), call("plan", "ok.yaml", *options, "--home", str(new_home)).out

    return planned


Planned = Callable[..., tuple[dict[str, Any], str]]


def test_plan_says_which_setting_has_changed(run_before: RunBefore, planned: Planned) -> None:
    run_before()
    preview, words = planned("--set", "training.epochs=3")
    assert preview["changes"]["settings"] == [{"key": "training.epochs", "was": "1", "now": "3"}]
    sentence = "training.epochs was 1 and is 3: 2 cells are new; the 2 trained with 1 stay stored"
    assert preview["changes"]["sentences"][0] == sentence
    assert f"\n{sentence}.\n" in words
    assert "2 cells: 0 done, 0 begun, 2 new" in words


def test_plan_says_nothing_where_nothing_has_changed(run_before: RunBefore, planned: Planned) -> None:
    run_before()
    preview, _ = planned()
    assert preview["changes"] == {"settings": [], "sentences": []}


def test_a_cell_that_was_stopped_in_its_first_epoch_has_begun(new_home: Path) -> None:
    Path("ok.yaml").write_text(SOUND)
    home = Home.at(new_home)
    plan = prepare_sweep(load_sweep("ok.yaml").spec, home.token_cache)
    CellStore(home.store()).add_session(plan.cells[0].key, {"environment": {}, "epochs_done": 0, "at": 1.0})
    preview = _preview(plan, home.store(), [Node("here", 2, 0)])
    assert (preview.done, preview.begun, preview.new) == (0, 1, 1)


def test_plan_says_whose_cells_are_taken_over(run_before: RunBefore, planned: Planned) -> None:
    run_before("first")
    Path("ok.yaml").write_text(SOUND)
    preview, words = planned("--seeds", "3")
    assert preview["changes"]["sentences"] == ["2 of the 6 cells were trained by the sweep first"]
    assert "\n2 of the 6 cells were trained by the sweep first.\n" in words
    assert "6 cells: 2 done, 0 begun, 4 new" in words


def test_plan_says_so_where_cells_come_back(run_before: RunBefore, planned: Planned) -> None:
    run_before()
    run_before(training__epochs=2, done=0)
    assert planned()[0]["changes"]["sentences"] == [
        "training.epochs was 2 and is 1: 2 cells are new",
        "2 of the 2 cells were trained before",
    ]


def test_a_diverged_cell_that_somebody_works_on_cannot_be_tried_again_and_the_run_is_told(
    run_before: RunBefore, new_home: Path
) -> None:
    plan, home = run_before(status="diverged"), Home(new_home)
    holder = Holder.this_process(now=2e9).model_copy(update={"host": "elsewhere", "pid": 7})
    first = plan.cells[0]
    home.store().create(f"{CellPaths(first.key).lease}/000001.json", seal(holder.model_dump()))
    cells = CellStore(home.store())
    (sentence,) = commit_plan(home, plan, SOUND, work_left(cells, plan, retry_diverged=True))
    assert sentence.startswith(
        "loss=cross_entropy, seed 0 cannot be tried again now: it is held by process 7 on elsewhere, since 2033-"
    )
    assert [cells.is_done(cell.key) for cell in plan.cells] == [True, False]
    (noted,) = SweepStore(home.store()).notes().plans
    assert (noted.seeds, noted.seen) == (plan.spec.seed_list, noted.cells)


@pytest.mark.parametrize("done", [0, 1, 2, 3])
def test_of_which_cells_something_was_there_to_be_seen_is_noted_with_the_plan(
    done: int, run_before: RunBefore, new_home: Path
) -> None:
    run_before("before", done=done)
    home, renamed = Home(new_home), load_sweep("before.yaml", set_=["name=ok"]).spec
    plan, sweeps = prepare_sweep(renamed, home.token_cache), SweepStore(home.store())
    commit_plan(home, plan, SOUND, work_left(CellStore(home.store()), plan, retry_diverged=True))
    (noted,) = sweeps.notes().plans
    there = frozenset(cell.key for cell in plan.cells[:done])
    assert (noted.sweep, noted.seeds, noted.seen) == ("ok", plan.spec.seed_list, there)


def test_whoever_begins_with_fewer_seeds_than_a_verdict_needs_is_told_what_that_binds(new_home: Path) -> None:
    Path("ok.yaml").write_text(SOUND)
    home = Home(new_home)

    def said(seeds: int) -> str:
        plan = prepare_sweep(load_sweep("ok.yaml", seeds=seeds).spec, home.token_cache)
        return few_to_begin_with(home.store(), plan)

    assert said(5) == ""
    assert said(1).startswith("1 seed is too few for a verdict, which needs 5; ")
    assert said(4) == (
        "4 seeds are too few for a verdict, which needs 5; and once their results can be seen, a verdict on more "
        "seeds of this sweep is an anytime-valid one, which finds large differences only. To try it out, use "
        "--smoke, or a seed that will not be among them, by another name: --set name=trial --set seeds=[1000]"
    )
    plan = prepare_sweep(load_sweep("ok.yaml", seeds=4).spec, home.token_cache)
    commit_plan(home, plan, SOUND, work_left(CellStore(home.store()), plan, retry_diverged=False))
    assert said(4) == "", "it has been said"


def test_whoever_tries_a_sweep_out_as_is_proposed_has_the_planned_look_afterwards(new_home: Path) -> None:
    Path("ok.yaml").write_text(SOUND)
    home = Home.at(new_home)
    cells, sweeps = CellStore(home.store()), SweepStore(home.store())

    def prepared(*changes: str) -> Plan:
        return prepare_sweep(load_sweep("ok.yaml", set_=changes).spec, home.token_cache)

    proposed = re.findall(r"--set (\S+)", few_to_begin_with(home.store(), prepared()))
    trial = prepared(*proposed)
    commit_plan(home, trial, SOUND, work_left(cells, trial, retry_diverged=False))
    for cell in trial.cells:
        cells.newest_try(cell.key).add_epoch(EpochRecord(epoch=1, step=1, metrics={}, timing={}, measured_at=1.0))
    planned = to_be_noted(prepared("seeds=10"), sweeps.notes(), SeenCells(home.store()), cells, sweeps)
    assert (trial.spec.name, planned is not None and planned.seen) == ("trial", frozenset())


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_plan_that_is_changed_before_anything_can_be_seen_is_the_plan(
    epochs: int, run_before: RunBefore, new_home: Path
) -> None:
    run_before(done=0)
    home = Home(new_home)
    cells, sweeps = CellStore(home.store()), SweepStore(home.store())

    def run(*changes: str) -> NotedPlan:
        plan = prepare_sweep(load_sweep("ok.yaml", set_=list(changes)).spec, home.token_cache)
        commit_plan(home, plan, SOUND, work_left(cells, plan, retry_diverged=False))
        if epochs:
            cells.newest_try(plan.cells[0].key).add_epoch(
                EpochRecord(epoch=1, step=1, metrics={}, timing={}, measured_at=1.0)
            )
        (counts,) = sweeps.notes().plans_of([cell.key for cell in plan.cells[:2]])
        return counts

    first = run()
    later = run("seeds=7", "decide.metric=test_nll", "decide.margin=0.5", "decide.pairs=all")
    if epochs:
        assert later == first
    else:
        asked = later.question
        assert (later.seeds, asked.metric, asked.margin) == (tuple(range(7)), "test_nll", 0.5)


def test_sweeps_that_are_planned_before_anything_can_be_seen_are_planned_together_until_it_can(
    run_before: RunBefore, new_home: Path
) -> None:
    run_before(done=0)
    home = Home(new_home)
    cells, sweeps = CellStore(home.store()), SweepStore(home.store())

    def run(name: str, seeds: str) -> Plan:
        changes = [f"name={name}", f"seeds={seeds}"]
        plan = prepare_sweep(load_sweep("ok.yaml", set_=changes).spec, home.token_cache)
        commit_plan(home, plan, SOUND, work_left(cells, plan, retry_diverged=False))
        return plan

    def together() -> list[list[str]]:
        return [[plan.sweep for plan in group] for group in sweeps.notes().beforehand]

    run("a", "[0,1]")
    run("b", "[1,2]")
    last = run("c", "[2,3]")
    assert together() == [["a", "b", "c"]]
    run("b", "[1]")
    assert together() == [["c"], ["a", "b"]], "its first plan, which linked them, was given up"
    run("b", "[1,2]")
    assert together() == [["a", "c", "b"]]
    cells.newest_try(last.cells[-1].key).add_epoch(
        EpochRecord(epoch=1, step=1, metrics={}, timing={}, measured_at=1.0)
    )
    run("d", "[0,9]")
    assert sweeps.notes().plans[-1].seen == {last.cells[-1].key}, "of a run that was planned with one of its own"
    home.store().delete(f"cells/{last.cells[-1].key}/history/0001.json")
    run("c", "[2,3,4]")
    assert together() == [["a", "c", "b"]], "it was seen before it was deleted"


def test_what_was_planned_of_runs_that_can_be_seen_stays_though_others_are_planned_in_between(
    run_before: RunBefore, new_home: Path
) -> None:
    run_before(done=0)
    home = Home(new_home)
    cells, sweeps = CellStore(home.store()), SweepStore(home.store())

    def run(*changes: str) -> Plan:
        plan = prepare_sweep(load_sweep("ok.yaml", set_=list(changes)).spec, home.token_cache)
        commit_plan(home, plan, SOUND, work_left(cells, plan, retry_diverged=False))
        return plan

    seen, (first,) = run(), sweeps.notes().plans
    cells.newest_try(seen.cells[0].key).add_epoch(
        EpochRecord(epoch=1, step=1, metrics={}, timing={}, measured_at=1.0)
    )
    for detour in ("training.epochs=7", "training.epochs=8"):
        run(detour, "decide.metric=test_nll")
    run("decide.metric=test_nll")
    assert sweeps.notes().plans_of([cell.key for cell in seen.cells]) == (first,)


def test_plan_shows_diverged_cells_as_done_and_names_the_option(run_before: RunBefore, planned: Planned) -> None:
    run_before(status="diverged", done=1)
    preview, words = planned()
    assert (preview["done"], preview["diverged"], preview["new"]) == (1, 1, 1)
    assert (
        "2 cells: 1 done, 0 begun, 1 new\n1 of the done diverged: an outcome, which is not tried again; " in words
    )
    assert "run with --retry-diverged trains such cells from the start" in words


def test_run_says_that_diverged_cells_are_not_tried_again_and_how_they_would_be(
    run_before: RunBefore, call: Call, new_home: Path
) -> None:
    run_before(status="diverged")
    said = call("run", "ok.yaml", "--home", str(new_home))
    assert (said.code, said.err) == (1, "")
    assert "0 of 2 cells finished, 2 diverged (2 before, 0 in the " in said.out
    assert (
        "\n2 cells diverged: an outcome, not tried again; --retry-diverged trains them from the start\n"
    ) in said.out
    assert "go on" not in said.out.split("next:")[1], "there is nothing to go on with"
