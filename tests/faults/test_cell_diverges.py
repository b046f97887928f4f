"""One cell's loss becomes non-finite: an outcome of that cell, and of no other."""

import json

import pytest
from cells import finished_files
from processes import TINY_QUICKSTART
from recorded import recorded_runs


@pytest.mark.fault("a cell's loss becomes non-finite, and is tried again")
def test_the_others_finish_and_the_end_names_the_cell_and_why(tmp_path, here):
    vary = "vary={loss: [cross_entropy], training.learning_rate: [3e-3, 1e30]}"
    command = (*TINY_QUICKSTART, "--set", "seeds=1", "--set", "baseline=null", "--set", vary)
    done = here(*command, home=tmp_path, code=1)
    assert "1 of 2 cells finished, 1 diverged (0 before, 2 in" in done.stdout
    assert "diverged: loss=cross_entropy, training.learning_rate=1e+30, seed 0: the " in done.stdout
    assert "became non-finite in epoch 1" in done.stdout or "became nan in epoch 1" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr

    compared = json.loads(here("compare", "quickstart", "--json", home=tmp_path).stdout)
    assert [(arm["n"], arm["diverged"]) for arm in compared["metrics"]["test_accuracy"]] == [(1, 0), (0, 1)]
    _, _, children = recorded_runs(tmp_path)
    assert sorted(run.info.status for run in children) == ["FAILED", "FINISHED"]

    again = here(*command, home=tmp_path, code=1)  # an outcome is not tried again
    assert "2 before, 0 in" in again.stdout
    assert "1 cell diverged: an outcome, not tried again; --retry-diverged trains it" in again.stdout

    (result,) = [path for path in tmp_path.glob("cells/*/result.json") if '"diverged"' in path.read_text()]
    outcome = json.loads(result.read_text())["content"]["result"]
    finished = finished_files(tmp_path)
    retried = here(*command, "--retry-diverged", home=tmp_path, code=1)
    assert "1 of 2 cells finished, 1 diverged (1 before, 1 in" in retried.stdout
    assert json.loads(result.read_text())["content"]["result"] == outcome  # the try before stays as it was
    retried_outcome = json.loads((result.parent / "try-2/result.json").read_text())["content"]["result"]
    assert retried_outcome["measured_at"] > outcome["measured_at"]
    others = {path: data for path, data in finished.items() if result.parent not in path.parents}
    assert finished_files(tmp_path).items() >= others.items()
    _, _, children = recorded_runs(tmp_path)
    assert sorted(run.info.status for run in children) == ["FAILED", "FINISHED"]
