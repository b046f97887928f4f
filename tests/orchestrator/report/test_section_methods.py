"""What the section on how it was done says."""

from one_section import APART, NEAR, MakeTable, only, section, with_predictions

from orchestrator.compare import compare
from orchestrator.compare.looks.asked import planned_by
from orchestrator.report.content import Said, Table
from orchestrator.report.sections.methods import split_said
from orchestrator.results import ResultTable
from orchestrator.store.notes import Notes


def facts(table: ResultTable) -> dict[str, str]:
    return dict(only(Table, section(table, "methods")).rows)


def test_what_is_needed_to_do_the_same_again_is_there(make_table: MakeTable) -> None:
    table = make_table(APART)
    table.plan["environment"] = {"git": {"commit": "c0ffee", "dirty": "True"}}
    table.plan["sources"] = ["imdb"]
    settings = {"data": {"fingerprint": "f" * 64}, "split": {"test": {"of": "test", "size": 500}}}
    table.settings.update(dict.fromkeys(APART, settings))
    environment = {
        "device": "EPYC",
        "threads": 1,
        "versions": {"python": "3.11.7", "torch": "2.13.0"},
        "hardware": {"cores": "2", "memory": "24 GiB", "system": "Linux x86_64"},
    }
    for place, (seed, epochs_done) in enumerate([(0, 0), (0, 2), (1, 0)]):
        table.sessions.loc[place] = ["loss=a", seed, epochs_done, environment]
    said = facts(table)
    assert said["commit"] == "c0ffee with uncommitted changes"
    assert said["data fingerprint"] == "f" * 16
    assert said["split"] == "test: 500 of test; the same for every seed"
    assert said["versions"] == "python 3.11.7, torch 2.13.0"
    assert said["hardware"] == "EPYC, 2 cores, 24 GiB, Linux x86_64"
    assert said["resumed"].startswith("1 of 2 finished cells were taken up more than once")


def test_the_split_is_said_part_by_part() -> None:
    split = {"train": {"of": "all", "size": "rest"}, "validation": {"of": "all", "size": 0.1}, "test": None}
    assert split_said({**split, "varies_by_seed": True}) == (
        "train: the rest of all; validation: 10% of all; drawn anew for each seed"
    )


def test_only_methods_that_something_rests_on_are_explained_each_in_two_sentences(make_table: MakeTable) -> None:
    explained = [part for part in section(make_table(APART), "methods").parts if isinstance(part, Said)]
    assert [part.heading for part in explained] == ["Difference", "Several tests", "Power", "Environment", "Data"]
    assert all(len(part.sentences) == 2 for part in explained[:3])
    with_items = [
        part for part in section(with_predictions(make_table(NEAR)), "methods").parts if isinstance(part, Said)
    ]
    assert "for new seeds and new items" in with_items[0].sentences[0]
    assert {"Luck on the items", "Calibration"} <= {part.heading for part in with_items}


def test_the_level_of_a_later_look_is_said_as_it_is_after_a_pilot_too(make_table: MakeTable) -> None:
    table = make_table({arm: [*values, 0.8] for arm, values in APART.items()})
    pilot = {**table.plan, "seeds": [0, 1], "cells": [c for c in table.plan["cells"] if c["seed"] < 2]}
    vars(table)["notes"] = Notes((planned_by(pilot),))
    assert compare(table).look.level == 0.045
    difference = next(part for part in section(table, "methods").parts if isinstance(part, Said))
    assert difference.sentences[1].endswith(
        "must be under a share of the .005 that are kept back for what was not planned; under .045, where no more "
        "was planned than a pilot of too few seeds for a verdict."
    )


def test_it_is_said_where_cells_were_trained_in_different_environments(make_table: MakeTable) -> None:
    def said(table: ResultTable) -> str:
        (part,) = [p for p in section(table, "methods").parts if isinstance(p, Said) and p.heading == "Environment"]
        return " ".join(part.sentences)

    table = make_table({"loss=a": [0.8, 0.9], "loss=b": [0.7]})
    assert said(table) == "All cells were trained on one kind of environment: EPYC, 1 thread, torch 2.13.0."
    table.environments.loc[2, "threads"] = 4
    assert "Cells were trained in different environments, " in said(table)
    assert "EPYC, 1 thread, torch 2.13.0 (loss=a); EPYC, 4 threads, torch 2.13.0 (loss=b)" in said(table)
    table.moves.loc[0] = ["loss=a", 1, "after epoch 2", "threads 1 → 4"]
    table.moves.loc[1] = ["loss=b", 0, "in epoch 1", "torch 2.12.0 → 2.13.0"]
    assert (
        "Resumed in another environment, so not bit for bit as in one: loss=a, seed 1 (after epoch 2: threads "
        "1 → 4); loss=b, seed 0 (in epoch 1: torch 2.12.0 → 2.13.0)."
    ) in said(table)
