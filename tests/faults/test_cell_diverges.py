"""One cell's loss becomes non-finite: an outcome of that cell, and of no other."""

import json

from processes import TINY_QUICKSTART
from recorded import recorded_runs


def test_the_others_finish_and_the_end_names_the_cell_and_why(tmp_path, seedwise):
    vary = "vary={loss: [cross_entropy], training.learning_rate: [3e-3, 1e30]}"
    command = (*TINY_QUICKSTART, "--set", "seeds=1", "--set", "baseline=null", "--set", vary)
    done = seedwise(*command, home=tmp_path, code=1)
    assert "1 of 2 cells finished, 1 diverged (0 before, 2 in" in done.stdout
    assert "diverged: loss=cross_entropy, training.learning_rate=1e+30, seed 0: the " in done.stdout
    assert "became non-finite in epoch 1" in done.stdout or "became nan in epoch 1" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr

    compared = json.loads(seedwise("compare", "quickstart", "--json", home=tmp_path).stdout)
    assert [(arm["n"], arm["failed"]) for arm in compared["metrics"]["test_accuracy"]] == [(1, 0), (0, 1)]
    _, _, children = recorded_runs(tmp_path)
    assert sorted(run.info.status for run in children) == ["FAILED", "FINISHED"]

    again = seedwise(*command, home=tmp_path, code=1)  # an outcome is not tried again
    assert "2 before, 0 in" in again.stdout
