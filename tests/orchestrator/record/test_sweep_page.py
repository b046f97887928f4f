"""What a user finds on MLflow's page of a sweep."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hand_made import ENVIRONMENT, T0, HandMadeSweep, files_of
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

from orchestrator.record import sync_sweep


def test_the_parent_says_what_the_sweep_is_and_holds_its_files(sweep: HandMadeSweep, tmp_path: Path) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    report = tmp_path / "report"
    (report / "figures").mkdir(parents=True)
    (report / "report.md").write_text("# Result")
    (report / "figures" / "a.svg").write_text("<svg/>")
    sync_sweep(sweep.home, sweep.name, note="| arm | mean |", report=report)
    parent = sweep.parent
    tags = parent.data.tags
    assert parent.info.status == "FINISHED"
    assert parent.info.end_time == int((T0 + 300) * 1000)
    assert tags["mlflow.note.content"] == "| arm | mean |"
    assert tags["seedwise.baseline"] == "loss=cross_entropy"
    assert tags["seedwise.decides"] == "validation_accuracy (maximize)"
    assert parent.data.metrics == {
        "cells_planned": 4,
        "cells_finished": 4,
        "cells_diverged": 0,
        "cells_failed": 0,
    }
    assert files_of(sweep.client, parent) == [
        "environments.json",
        "plan.json",
        "report/figures/a.svg",
        "report/report.md",
        "sweep.yaml",
    ]


def report_with(tmp_path: Path, *figures: str) -> Path:
    """A report's folder with these figures and no other."""
    report = tmp_path / "report"
    shutil.rmtree(report, ignore_errors=True)
    (report / "figures").mkdir(parents=True)
    (report / "report.html").write_text(f"shows {figures}")
    for figure in figures:
        (report / "figures" / figure).write_text("<svg/>")
    return report


def report_files(sweep: HandMadeSweep) -> list[str]:
    return files_of(sweep.client, sweep.parent, "report")


def test_figures_that_a_later_report_has_no_more_go_and_nothing_else_does(
    sweep: HandMadeSweep, tmp_path: Path
) -> None:
    sync_sweep(sweep.home, sweep.name, report=report_with(tmp_path, "a.svg", "b.svg", "b.png"))
    later = report_with(tmp_path, "b.svg", "c.svg")
    for _ in range(2):
        assert sync_sweep(sweep.home, sweep.name, report=later).error == ""
        assert report_files(sweep) == ["report/figures/b.svg", "report/figures/c.svg", "report/report.html"]
    assert files_of(sweep.client, sweep.parent)[-2:] == ["report/report.html", "sweep.yaml"]
    sync_sweep(sweep.home, sweep.name)
    assert len(report_files(sweep)) == 3, "without a report to show, the one that is there stays"


def test_a_figure_that_cannot_be_taken_away_now_is_taken_away_the_next_time_and_holds_up_nothing(
    sweep: HandMadeSweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_sweep(sweep.home, sweep.name, note="earlier", report=report_with(tmp_path, "a.svg"))
    for key in sweep.keys:
        sweep.finish(key)
    later = report_with(tmp_path, "b.svg")
    with monkeypatch.context() as patched:
        patched.setattr(
            LocalArtifactRepository, "delete_artifacts", lambda *_: (_ for _ in ()).throw(OSError("away"))
        )
        state = sync_sweep(sweep.home, sweep.name, note="later", report=later)
    assert (state.recorded, state.behind, state.error) == (4, 0, "")
    assert "files of an earlier one, which lie beside it, cannot be deleted (OSError: away)" in state.notice
    assert (sweep.parent.info.status, sweep.parent.data.tags["mlflow.note.content"]) == ("FINISHED", "later")
    assert sync_sweep(sweep.home, sweep.name, report=later).notice == ""
    assert report_files(sweep) == ["report/figures/b.svg", "report/report.html"]


def test_the_parent_tells_what_the_cells_were_trained_on(sweep: HandMadeSweep) -> None:
    for key in sweep.keys[:3]:
        sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    path = sweep.client.download_artifacts(sweep.parent.info.run_id, "environments.json")
    assert json.loads(Path(path).read_text()) == [{"cells": 3, "environment": ENVIRONMENT}]


def test_a_cell_that_is_taken_up_elsewhere_changes_what_the_parent_tells(sweep: HandMadeSweep) -> None:
    sweep.take_up(sweep.keys[0])
    sweep.finish(sweep.keys[1])
    sync_sweep(sweep.home, sweep.name)
    elsewhere = ENVIRONMENT | {"threads": 4}
    sweep.cells.add_session(sweep.keys[0], {"environment": elsewhere, "epochs_done": 0, "at": T0 + 5})
    sync_sweep(sweep.home, sweep.name)
    path = sweep.client.download_artifacts(sweep.parent.info.run_id, "environments.json")
    told = json.loads(Path(path).read_text())
    assert sorted((each["environment"]["threads"], each["cells"]) for each in told) == [(1, 1), (4, 1)]


def test_a_sync_without_a_note_keeps_the_note(sweep: HandMadeSweep) -> None:
    sync_sweep(sweep.home, sweep.name)
    assert sweep.parent.data.tags["mlflow.note.content"] == "Two losses.\n\n- 800 rows."
    sync_sweep(sweep.home, sweep.name, note="the comparison")
    sync_sweep(sweep.home, sweep.name)
    assert sweep.parent.data.tags["mlflow.note.content"] == "the comparison"


def test_the_note_stands_over_the_list_of_runs_too_unless_somebody_else_wrote_there(sweep: HandMadeSweep) -> None:
    def over_the_runs() -> str | None:
        tags = sweep.client.get_experiment_by_name(sweep.name).tags
        return tags.get("mlflow.note.content")

    sync_sweep(sweep.home, sweep.name)
    assert over_the_runs() is None, "what the sweep is, its name says"
    sync_sweep(sweep.home, sweep.name, note="**NOT SETTLED** … report/report.html")
    there = f"#/experiments/{sweep.parent.info.experiment_id}/runs/{sweep.parent.info.run_id}/artifacts"
    assert over_the_runs() == f"**NOT SETTLED** … [report/report.html]({there}/report/report.html)"
    sync_sweep(sweep.home, sweep.name, note="**BETTER** …")
    assert over_the_runs() == "**BETTER** …"
    experiment = sweep.client.get_experiment_by_name(sweep.name).experiment_id
    sweep.client.set_experiment_tag(experiment, "seedwise.home", "another")
    assert sync_sweep(sweep.home, sweep.name, note="**STEADIER** …").error == ""
    assert over_the_runs() == "**BETTER** …"
    assert sweep.parent.data.tags["mlflow.note.content"] == "**STEADIER** …"


def offered(sweep: HandMadeSweep) -> dict[str, Any]:
    """The saved view of the sweep's experiment, and its state."""
    held = json.loads(sweep.client.get_experiment_by_name(sweep.name).tags["mlflow.sharedViewState.seedwise"])
    return held | {"state": json.loads(held["state"])}


def test_a_view_follows_the_plan_until_a_person_saves_their_own_over_it(sweep: HandMadeSweep) -> None:
    sync_sweep(sweep.home, sweep.name)
    wide = {"name": "wide", "settings": {"model.width": 8}, "class_names": ["no", "yes"]}
    cells = [{"key": sweep.keys[0], "arm": "wide", "seed": 0}]
    sweep.plan(arms=[wide], cells=cells, baseline="wide")
    sync_sweep(sweep.home, sweep.name)
    assert offered(sweep)["state"]["selectedColumns"][:2] == ["params.`model.width`", "params.`seed`"]
    own = {"name": "Arms and seeds", "createdAt": 1, "updatedAt": 2, "state": '"their own"'}
    experiment = sweep.client.get_experiment_by_name(sweep.name).experiment_id
    sweep.client.set_experiment_tag(experiment, "mlflow.sharedViewState.seedwise", json.dumps(own))
    sweep.plan()
    sync_sweep(sweep.home, sweep.name)
    assert offered(sweep)["state"] == "their own"


def test_children_hang_under_the_sweep_and_group_by_loss(sweep: HandMadeSweep) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    by_loss: dict[str, list[str]] = {}
    for key in sweep.keys:
        run = sweep.child(key)
        assert run.data.tags["mlflow.parentRunId"] == sweep.parent.info.run_id
        by_loss.setdefault(run.data.params["loss"], []).append(run.data.params["seed"])
    assert by_loss == {"cross_entropy": ["0", "1"], "binary_cross_entropy": ["0", "1"]}


def test_of_each_arm_the_lowest_seed_keeps_its_model(sweep: HandMadeSweep) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    predictions = ["predictions/test.parquet", "predictions/validation.parquet"]
    model = {"model/MLmodel", "model/artifacts/cell/settings.json", "model/artifacts/cell/weights.safetensors"}
    for key in sweep.keys:
        held = files_of(sweep.client, sweep.child(key))
        assert [name for name in held if not name.startswith("model/")] == predictions
        assert set(held) >= model if key.endswith("-0") else held == predictions


def test_a_model_names_the_classes_of_its_own_arm(sweep: HandMadeSweep) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    for loss in ("cross_entropy", "binary_cross_entropy"):
        run_id = sweep.child(f"{loss}-0").info.run_id
        settings = sweep.client.download_artifacts(run_id, "model/artifacts/cell/settings.json")
        assert json.loads(Path(settings).read_text())["class_names"] == [f"not {loss}", loss]


def test_a_report_longer_than_a_description_may_be_is_cut(sweep: HandMadeSweep) -> None:
    assert sync_sweep(sweep.home, sweep.name, note="x" * 20_000).error == ""
    assert sweep.parent.data.tags["mlflow.note.content"].endswith("x…")


def test_a_child_names_its_data_by_fingerprint(sweep: HandMadeSweep) -> None:
    sweep.finish(sweep.keys[0])
    sync_sweep(sweep.home, sweep.name)
    (given,) = sweep.child(sweep.keys[0]).inputs.dataset_inputs
    assert given.dataset.digest == "f" * 36


def test_five_seeds_more_are_five_runs_more(sweep: HandMadeSweep) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    before = {run.info.run_id for run in sweep.runs()}
    sweep.plan(seeds=(0, 1, 2))
    sync_sweep(sweep.home, sweep.name)
    assert sweep.parent.info.status == "KILLED", "cells are left"
    for key in sweep.keys[-2:]:
        sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    assert before < {run.info.run_id for run in sweep.runs()}
    assert len(sweep.runs()) == 1 + 6
    assert sweep.parent.data.tags["seedwise.seeds"] == "0, 1, 2"
    assert sweep.parent.info.status == "FINISHED"


def test_a_cell_that_the_plan_has_no_more_stays_and_says_so(sweep: HandMadeSweep) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    dropped = sweep.keys[-1]
    sweep.plan(seeds=(0,))
    sync_sweep(sweep.home, sweep.name)
    page = sweep.client.search_runs([sweep.parent.info.experiment_id], offered(sweep)["state"]["searchFilter"])
    in_plan = {key for key in sweep.keys if key.endswith("-0")}
    assert {run.data.tags.get("seedwise.cell") for run in page} == in_plan, "and its page opens on the others alone"
    assert sweep.child(dropped).data.tags["seedwise.in_plan"] == "false"
    assert sweep.child(dropped).info.status == "FINISHED"
    sweep.plan(seeds=(0, 1))
    sync_sweep(sweep.home, sweep.name)
    assert sweep.child(dropped).data.tags["seedwise.in_plan"] == "true"


def test_an_arm_that_gets_another_name_gets_another_param(sweep: HandMadeSweep) -> None:
    sweep.finish(sweep.keys[0])
    sync_sweep(sweep.home, sweep.name)
    arm = {
        "name": "loss=cross_entropy, model.width=8",
        "settings": {"loss": "cross_entropy", "model.width": 8},
        "class_names": ["no", "yes"],
    }
    sweep.plan(arms=[arm], cells=[{"key": sweep.keys[0], "arm": arm["name"], "seed": 0}], baseline=arm["name"])
    sync_sweep(sweep.home, sweep.name)
    assert sweep.child(sweep.keys[0]).data.params["arm"] == arm["name"]


def test_a_cell_whose_records_are_gone_is_gone_from_mlflow(sweep: HandMadeSweep) -> None:
    sweep.finish(sweep.keys[0])
    sync_sweep(sweep.home, sweep.name)
    shutil.rmtree(sweep.home.root / "cells" / sweep.keys[0])
    sync_sweep(sweep.home, sweep.name)
    assert len(sweep.runs()) == 1


def shown_counts(sweep: HandMadeSweep) -> tuple[float, float, float]:
    metrics = sweep.parent.data.metrics
    return metrics["cells_planned"], metrics["cells_finished"], metrics["cells_diverged"]


def test_the_counts_that_are_shown_are_the_newest_also_where_fewer_cells_are_done_than_before(
    sweep: HandMadeSweep,
) -> None:
    sweep.diverge(sweep.keys[-1])
    for key in sweep.keys[:-1]:
        sweep.finish(key)
        sync_sweep(sweep.home, sweep.name)
    assert shown_counts(sweep) == (4, 3, 1)
    sweep.plan(seeds=(0, 7))  # run again with other settings: two of the cells are new
    sync_sweep(sweep.home, sweep.name)
    assert shown_counts(sweep) == (4, 2, 0)
    sweep.plan(seeds=(7,), losses=("cross_entropy",))
    sync_sweep(sweep.home, sweep.name)
    assert shown_counts(sweep) == (1, 0, 0)
    sweep.plan()
    sync_sweep(sweep.home, sweep.name)
    assert shown_counts(sweep) == (4, 3, 1)
    once = sweep.snapshot()
    sync_sweep(sweep.home, sweep.name)
    assert sweep.snapshot() == once


def test_the_counts_of_a_sweep_that_an_older_version_recorded_are_passed(sweep: HandMadeSweep) -> None:
    """It took the number of cells done as the step."""
    sync_sweep(sweep.home, sweep.name)
    sweep.client.log_metric(sweep.parent.info.run_id, "cells_finished", 100, step=100)
    sweep.finish(sweep.keys[0])
    sync_sweep(sweep.home, sweep.name)
    assert shown_counts(sweep) == (4, 1, 0)
