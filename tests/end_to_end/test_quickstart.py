"""The quickstart, smaller, as a user runs it: one command, then the next ones."""

import json
import signal
import time
from pathlib import Path

from cells import assert_same_bits, finished_files
from processes import TINY_QUICKSTART
from recorded import assert_recorded_once, recorded_runs, statuses

from orchestrator.results import ResultTable


def test_it_ends_with_the_table_the_report_and_what_to_try_next(undisturbed_home):
    said = (undisturbed_home / "output.txt").read_text()
    assert "test accuracy, % (decides)" in said
    assert "4 of 4 cells finished" in said
    assert "seedwise ui" in said
    report = undisturbed_home / "sweeps/quickstart/report"
    assert f"report: {report / 'report.html'}" in said
    assert (report / "report.md").read_text().startswith("# quickstart")
    for figure in ("runs_test_accuracy", "learning_curves", "best_runs", "differences", "reliability"):
        assert (report / f"figures/{figure}.png").stat().st_size > 1000
        assert f'href="#{figure}-' in (report / "report.html").read_text()


def test_each_cell_is_one_finished_run_below_the_sweeps_own(undisturbed_home):
    assert_recorded_once(undisturbed_home, "quickstart", epochs=2)
    _, _, children = recorded_runs(undisturbed_home)
    named = {(run.data.params["loss"], run.data.params["seed"]) for run in children}
    assert named == {(loss, seed) for loss in ("cross_entropy", "binary_cross_entropy") for seed in "01"}


def test_a_cell_alone_in_a_fresh_worker_has_the_same_bits_as_beside_and_after_others(
    undisturbed_home, tmp_path, seedwise
):
    """In the undisturbed home two workers trained four cells, side by side and one after another."""
    seedwise(*TINY_QUICKSTART, "--set", "vary.loss=[binary_cross_entropy]", "--set", "baseline=null",
             "--set", "seeds=[1]", home=tmp_path)  # fmt: skip
    alone = ResultTable.open("quickstart", tmp_path)
    assert len(alone.frame) == 1
    assert_same_bits(alone, ResultTable.open("quickstart", undisturbed_home))


def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on_from_there(
    tmp_path, start_seedwise, here, undisturbed_home
):
    process = start_seedwise(*TINY_QUICKSTART, home=tmp_path)
    while not list(tmp_path.glob("cells/*/history/*.json")):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "run the same command to go on" in out
    assert "Traceback" not in out + err
    if "MLflow is" in out:  # a slow machine has not even loaded it within the time that a stop leaves
        here("sync", "quickstart", home=tmp_path)
    shown = statuses(tmp_path)
    assert shown.pop("sweep") == ("KILLED", "")
    assert ("KILLED", "interrupted") in shown.values()
    assert set(shown.values()) <= {("KILLED", "interrupted"), ("FINISHED", "finished")}

    here(*TINY_QUICKSTART, home=tmp_path)
    assert_same_bits(ResultTable.open("quickstart", tmp_path), ResultTable.open("quickstart", undisturbed_home))
    assert_recorded_once(tmp_path, "quickstart", epochs=2)


def test_run_again_trains_nothing_and_a_grown_sweep_trains_only_what_is_new(tmp_path, here):
    command = (*TINY_QUICKSTART, "--set", "training.epochs=1")
    here(*command, home=tmp_path)
    before = finished_files(tmp_path)

    again = here(*command, home=tmp_path)
    assert "4 before, 0 in" in again.stdout
    assert finished_files(tmp_path) == before

    grown = here(*command, "--set", "seeds=3", home=tmp_path)
    assert "4 before, 2 in" in grown.stdout
    assert "\nseed 2 is added: 2 cells.\n" in grown.stdout
    assert finished_files(tmp_path).items() >= before.items()
    compared = json.loads(here("compare", "quickstart", "--json", home=tmp_path).stdout)
    assert [arm["n"] for arm in compared["metrics"]["test_accuracy"]] == [3, 3]
    assert_recorded_once(tmp_path, "quickstart", epochs=1)


def test_a_name_that_is_run_with_other_settings_says_what_it_no_longer_stands_for(tmp_path, here):
    one = (*TINY_QUICKSTART, "--set", "training.epochs=1", "--set", "seeds=1")
    here(*one, home=tmp_path)
    changed = here(*one, "--set", "training.learning_rate=1e-3", home=tmp_path)
    assert (
        "training.learning_rate was 0.003 and is 0.001: 2 cells are new; the 2 trained with 0.003 stay stored.\n"
    ) in changed.stdout
    assert len(list(tmp_path.glob("cells/*/result.json"))) == 4


def test_a_home_says_what_lies_in_it(undisturbed_home):
    page = (undisturbed_home / "README.md").read_text()
    assert "mlflow ui --backend-store-uri" in page
    assert page == (Path(__file__).parents[2] / "mlruns" / "README.md").read_text()
    found = {entry.name for entry in undisturbed_home.iterdir()} - {"README.md", "output.txt"}
    assert {name for name in found if f"`{name}" not in page} == set()
