"""A table of results written by hand, without a store."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import pytest

from orchestrator.compare.looks.asked import planned_by
from orchestrator.results import ResultTable
from orchestrator.store.notes import Notes

Runs = Mapping[str, Sequence[float | str]]
"""Arm → for each seed, the final validation accuracy of a finished cell, or how it ended otherwise."""

EPOCHS = 3


@pytest.fixture(scope="session")
def make_table() -> Callable[..., ResultTable]:
    """A finished run's training accuracy rises by epoch to 1, its validation accuracy to what is given."""

    def make(runs: Runs, decides: str = "test_accuracy", margin: float | None = None) -> ResultTable:
        cells: list[dict[str, Any]] = []
        epochs: list[dict[str, Any]] = []
        for arm, ends in runs.items():
            for seed, end in enumerate(ends):
                head = {"arm": arm, "seed": seed, "key": f"{arm}-{seed}"}
                if isinstance(end, str):
                    cells.append({**head, "status": end, "epochs": 0})
                    continue
                final = {"validation_accuracy": end, "test_accuracy": end - 0.01, "validation_nll": 1 - end}
                cells.append({**head, "status": "finished", "epochs": EPOCHS, **final})
                for epoch in range(1, EPOCHS + 1):
                    share = epoch / EPOCHS
                    measured = {"train_accuracy": share, "validation_accuracy": end * share}
                    epochs.append({**head, "epoch": epoch, **measured})
        plan = {
            "sweep": "by_hand",
            "description": "Which loss?",
            "arms": [{"name": arm, "settings": {}} for arm in runs],
            "baseline": next(iter(runs)),
            "decide": {"metric": decides, "direction": "maximize", "margin": margin, "pairs": "baseline"},
            "seeds": list(range(max(map(len, runs.values())))),
            "cells": [{name: cell[name] for name in ("arm", "seed", "key")} for cell in cells],
            "data": ["3 % of the texts are cut."],
        }
        notes = Notes((planned_by(plan),))
        table = ResultTable(plan, cells=None, notes=notes)  # type: ignore[arg-type]
        ran_on = {"device": "EPYC", "threads": 1, "torch": "2.13.0"}
        environments = [{"arm": c["arm"], "seed": c["seed"], **ran_on} for c in cells if c["status"] == "finished"]
        vars(table).update(
            frame=pd.DataFrame(cells),
            histories=pd.DataFrame(epochs),
            settings={},
            cell_predictions=lambda part: iter(()),
            environments=pd.DataFrame(environments, columns=["arm", "seed", *ran_on]),
            sessions=pd.DataFrame(columns=["arm", "seed", "epochs_done", "environment"]),
            troubles={},
            tries=frozenset(),
            moves=pd.DataFrame(columns=["arm", "seed", "reached", "changes"]),
        )
        return table

    return make


LONG = "model=transformer_encoder(" + ", ".join(f"setting_{n}={n}" for n in range(40)) + ")"

SWEEPS: dict[str, Runs] = {
    "one arm": {"base": [0.8, 0.9]},
    "one run": {"base": [0.8]},
    "four arms": {f"training.learning_rate={rate}": [0.5, 0.6 + rate, 0.7] for rate in (0.1, 0.2, 0.01, 0.05)},
    "diverged": {"loss=a": [0.8, "diverged", 0.9], "loss=b": ["diverged", "diverged", "failed"]},
    "under way": {"loss=a": [0.8, "begun"], "loss=b": [0.7, "new"]},
    "odd names": {
        'tokens="a|b"': [0.8, 0.9],
        r'loss="$\frac{1}$ & $x$"': [0.7, 0.8],
        'data="<b>*é*</b>"': [0.6],
        "loss=a.b": [0.5, 0.6],
        "loss=a-b": [0.6, 0.7],
        LONG: [0.9],
    },
}


@pytest.fixture(params=SWEEPS)
def runs(request: pytest.FixtureRequest) -> Runs:
    """Each of the sweeps in turn."""
    return SWEEPS[request.param]
