"""What is noted of a plan whose maker could see results: the runs that it takes, and those that it leaves out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from spoken import SOUND, RunBefore

from orchestrator.plan import prepare_sweep
from orchestrator.plan.precision import precision
from orchestrator.run.work_left import commit_plan, work_left
from orchestrator.store import CellStore, Home, SweepStore
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.sweep_file import load_sweep
from trainables.records import CellResult, EpochRecord

BOTH, ONE = "[cross_entropy, binary_cross_entropy]", "[cross_entropy]"
Chosen = Callable[..., tuple[NotedPlan, ...]]


@pytest.fixture
def chosen(new_home: Path) -> Chosen:
    """What is noted of a sweep of these seeds and losses when it is run after `run_before`."""

    def chosen(seeds: str, losses: str = BOTH, name: str = "later", widths: str = "[4]") -> tuple[NotedPlan, ...]:
        home = Home(new_home)
        Path("given.yaml").write_text(SOUND)
        changes = [f"name={name}", f"seeds={seeds}", f"vary.loss={losses}", f"vary.model.width={widths}"]
        plan = prepare_sweep(load_sweep("given.yaml", set_=changes).spec, home.token_cache)
        for _ in range(2):  # as after a kill, which is no second choice
            commit_plan(home, plan, SOUND, work_left(CellStore(home.store()), plan, retry_diverged=False))
        return tuple(
            noted for noted in SweepStore(home.store()).notes().plans if noted.left_out or noted.arms_there
        )

    return chosen


@pytest.mark.parametrize("name", ["later", "first"])
@pytest.mark.parametrize(
    ("seeds", "losses"), [("4", BOTH), ("6", BOTH), ("[7,8]", BOTH), ("[0,1,2,3,9]", BOTH)], ids=str
)
def test_whoever_goes_on_with_all_runs_or_with_none_chooses_nothing(
    seeds: str, losses: str, name: str, run_before: RunBefore, chosen: Chosen
) -> None:
    run_before("first", done=8, seeds=4)
    assert chosen(seeds, losses, name) == ()


@pytest.mark.parametrize("name", ["later", "first"])
def test_some_of_the_seeds_that_have_results_were_chosen(name: str, run_before: RunBefore, chosen: Chosen) -> None:
    keys = {(cell.arm, cell.seed): cell.key for cell in run_before("first", done=8, seeds=4).cells}
    (choice,) = chosen("[1,3,9]", name=name)
    assert choice.seen & choice.cells == {key for (_, seed), key in keys.items() if seed in (1, 3)}
    assert sorted(sorted(runs.values()) for runs in choice.left_out) == [[0, 1, 2, 3]] * 2
    assert {key for runs in choice.left_out for key in runs} == set(keys.values())
    assert choice.arms_there is None


def test_of_runs_that_are_under_way_some_can_be_chosen_too(
    run_before: RunBefore, chosen: Chosen, new_home: Path
) -> None:
    cells = CellStore(Home(new_home).store())
    for cell in run_before("first", done=0, seeds=4).cells:
        epoch = EpochRecord(epoch=1, step=1, metrics={}, timing={}, measured_at=1.0)
        cells.newest_try(cell.key).add_epoch(epoch)
    (choice,) = chosen("[1,3]")
    assert [sorted(runs.values()) for runs in choice.left_out] == [[0, 1, 2, 3]] * 2


def test_of_one_arm_too_seeds_can_be_chosen(run_before: RunBefore, chosen: Chosen) -> None:
    run_before("first", done=4, seeds=4, vary__loss=ONE)
    (choice,) = chosen("[1,3]")
    assert [sorted(runs.values()) for runs in choice.left_out] == [[0, 1, 2, 3]]
    assert choice.arms_there is None, "the other arm has no results"


@pytest.mark.parametrize("name", ["later", "first"])
def test_an_arm_that_has_results_was_chosen_where_others_have_them_too(
    name: str, run_before: RunBefore, chosen: Chosen
) -> None:
    run_before("first", done=4, seeds=2)
    run_before("smaller", done=2, seeds=2, vary__loss=ONE, model__width=2)
    (choice,) = chosen("2", ONE, name)
    assert (choice.left_out, choice.arms_there) == ((), 3)


def test_a_whole_sweep_is_gone_on_with_whatever_other_arms_there_are(run_before: RunBefore, chosen: Chosen) -> None:
    run_before("first", done=4, seeds=2)
    run_before("smaller", done=2, seeds=2, vary__loss=ONE, model__width=2)
    assert chosen("3") == chosen("3", name="first") == ()
    run_before("another", done=2, seeds=2, vary__loss=ONE, model__width=3)
    (choice,) = chosen("3", name="more", widths="[4, 2]")
    assert choice.arms_there == 5, "an arm from elsewhere was chosen to be beside them"


def test_an_arm_that_was_a_sweep_by_itself_was_chosen_from_all_such(run_before: RunBefore, chosen: Chosen) -> None:
    run_before("first", done=2, seeds=2, vary__loss=ONE)
    run_before("smaller", done=2, seeds=2, vary__loss=ONE, model__width=2)
    assert [choice.arms_there for choice in chosen("2")] == [3]


def test_what_plan_says_beforehand_is_that_chosen_seeds_will_have_no_verdict(
    run_before: RunBefore, new_home: Path
) -> None:
    run_before("first", done=4, seeds=4, vary__loss=ONE)
    home, picked = Home(new_home), load_sweep("first.yaml", set_=["name=later", "seeds=[1,3]"]).spec
    sweeps = SweepStore(home.store())
    found = precision(prepare_sweep(picked, home.token_cache), CellStore(home.store()), sweeps)
    assert any("only 1 and 3 were taken" in sentence for sentence in found.sentences)
    assert sweeps.notes().plans == ()


def test_what_is_noted_is_what_can_be_seen_when_it_is_noted(new_home: Path) -> None:
    """Another driver may have trained some of the cells while Ray was starting."""
    home = Home(new_home)
    Path("given.yaml").write_text(SOUND)
    plan = prepare_sweep(load_sweep("given.yaml").spec, home.token_cache)
    cells = CellStore(home.store())
    left = work_left(cells, plan, retry_diverged=False)
    key = plan.cells[0].key
    cells.newest_try(key).conclude_diverged(CellResult(status="diverged", epochs=0, measured_at=1.0))
    commit_plan(home, plan, SOUND, left)
    (noted,) = SweepStore(home.store()).notes().plans
    assert noted.seen == {key}


def test_the_metric_is_that_of_the_plan_before_anything_could_be_seen_whoever_names_the_sweep(
    new_home: Path,
) -> None:
    home = Home(new_home)
    Path("given.yaml").write_text(SOUND)
    cells, sweeps = CellStore(home.store()), SweepStore(home.store())

    def said(run: bool, *changes: str) -> str:
        set_ = ["data.test_rows=90", "seeds=5", *changes]
        plan = prepare_sweep(load_sweep("given.yaml", set_=set_).spec, home.token_cache)
        if run:
            commit_plan(home, plan, SOUND, work_left(cells, plan, retry_diverged=False))
            result = CellResult(status="finished", epochs=0, final={"test_accuracy": 0.8}, measured_at=1.0)
            cells.newest_try(plan.cells[0].key).conclude_diverged(result)
        return " ".join(precision(plan, cells, sweeps).sentences)

    by_accuracy, otherwise = "decide.metric=test_accuracy", "decide.metric=validation_accuracy"
    assert "no verdict" not in said(True, by_accuracy)
    refused = "There will be no verdict on these seeds: test_accuracy was to decide when these runs were planned"
    for run in (False, True, True):
        assert refused in said(run, "name=copy", otherwise)
    assert "no verdict" not in said(True, "name=copy", by_accuracy)
    assert len(sweeps.notes().plans) == 1, "a plan of runs that are planned and can be seen is no news"
