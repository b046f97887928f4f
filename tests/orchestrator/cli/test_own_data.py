"""A user's own file with four classes, from `init` to `compare`: what a newcomer does on the first day."""

import numpy as np
from own_sweep import TOPICS, OwnSweep, strict_json
from said import Call

from orchestrator.results import ResultTable


def test_the_run_says_what_it_found_in_the_data_and_what_to_type_next(own: OwnSweep) -> None:
    assert "tickets.csv has no official split: every part is drawn from it by the split's seed." in own.said
    assert "25.0% billing" in own.said
    assert "2 of 2 cells finished" in own.said
    assert f"seedwise compare tickets --home '{own.home}'" in own.said
    sweep = own.home.parent / "tickets.yaml"
    fresh = f"seedwise run '{sweep}' --set training.epochs=1 --home '{own.home}' --set name=tickets_2"
    assert f"{fresh} --set 'seeds=[1,2,3,4,5,6,7,8,9,10]'  train fresh seeds" in own.said


def test_both_losses_train_on_four_classes_whose_probabilities_add_up_to_one(own: OwnSweep) -> None:
    table = ResultTable.open("tickets", own.home)
    assert [arm["class_names"] for arm in table.plan["arms"]] == [list(TOPICS)] * 2
    frame = table.frame
    assert list(frame["arm"]) == ["loss=cross_entropy", "loss=binary_cross_entropy"]
    assert list(frame["status"]) == ["finished", "finished"]
    chances = [column for column in table.predictions("test") if column.startswith("log_probability")]
    assert len(chances) == len(TOPICS)
    log_probabilities = table.predictions("test")[chances].to_numpy()
    np.testing.assert_allclose(np.exp(log_probabilities).sum(axis=1), 1, rtol=1e-6)


def test_compare_gives_json_with_every_arm_and_nothing_else(own: OwnSweep, call: Call) -> None:
    said = call("compare", "tickets", "--json", "--home", str(own.home))
    assert (said.code, said.err) == (0, "")
    compared = strict_json(said.out)
    assert (compared["sweep"], compared["decides"]) == ("tickets", "test_accuracy")
    arms = compared["metrics"]["test_accuracy"]
    assert [(arm["arm"], arm["n"], arm["diverged"], arm["missing"]) for arm in arms] == [
        ("loss=cross_entropy", 1, 0, 0),
        ("loss=binary_cross_entropy", 1, 0, 0),
    ]
    table = ResultTable.open("tickets", own.home).frame
    assert [arm["mean"] for arm in arms] == list(table["test_accuracy"])
    assert [arm["sd"] for arm in arms] == [None, None]  # of one run there is none


def test_compare_shows_the_best_epochs_apart_and_the_run_does_not(own: OwnSweep, call: Call) -> None:
    heading = "best epoch of each run by validation accuracy, % (never decides)"
    assert heading in call("compare", "tickets", "--home", str(own.home)).out
    assert heading not in own.said
    assert f"**{heading}**" in (own.home / "sweeps/tickets/report/report.md").read_text()
    best = strict_json(call("compare", "tickets", "--json", "--home", str(own.home)).out)["best_epoch"]
    frame = ResultTable.open("tickets", own.home).frame
    assert [arm["mean"] for arm in best["best_validation_accuracy"]] == list(frame["best_validation_accuracy"])
    assert [arm["max"] for arm in best["best_epoch"]] == [1, 1]


def test_plan_knows_what_is_done(own: OwnSweep, call: Call) -> None:
    words = ("plan", str(own.home.parent / "tickets.yaml"), "--set", "training.epochs=1", "--home", str(own.home))
    said = call(*words, "--seeds", "2", "--json")
    assert (said.code, said.err) == (0, "")
    planned = strict_json(said.out)
    assert (planned["done"], planned["begun"], planned["new"]) == (2, 0, 2)
    assert planned["seconds_left"] > planned["start_seconds"] > 0
    nothing_left = strict_json(call(*words, "--seeds", "1", "--json").out)
    assert (nothing_left["seconds_left"], nothing_left["start_seconds"]) == (0, 0)
    assert "expected time" not in call(*words, "--seeds", "1").out


def test_resume_of_what_is_done_trains_nothing(own: OwnSweep, call: Call) -> None:
    words = (str(own.home.parent / "tickets.yaml"), "--seeds", "1", "--set", "training.epochs=1")
    said = call("resume", *words, "--home", str(own.home))
    assert (said.code, said.err) == (0, "")
    assert "2 of 2 cells finished (2 before, 0 in" in said.out
