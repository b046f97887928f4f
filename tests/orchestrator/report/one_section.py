"""One section of the report of a table of results that was written by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from orchestrator.report import compose
from orchestrator.report.content import Section
from orchestrator.results import ResultTable

MakeTable = Callable[..., ResultTable]
APART = {"loss=a": [0.80, 0.81, 0.82, 0.80, 0.815], "loss=b": [0.90, 0.915, 0.92, 0.905, 0.91]}
NEAR = {"loss=a": [0.80, 0.81, 0.82, 0.80, 0.815], "loss=b": [0.81, 0.80, 0.83, 0.79, 0.82]}


def section(table: ResultTable, name: str) -> Section:
    found = compose(table).section(name)
    assert found is not None, f"no section {name}"
    return found


def only(kind: type, of: Section) -> Any:
    (part,) = [part for part in of.parts if isinstance(part, kind)]
    return part


def with_predictions(table: ResultTable, items: int = 40) -> ResultTable:
    """Each run is right on so many of the items as its accuracy says, and 90 % sure of all."""
    frames = []
    for cell in table.frame[table.frame["status"] == "finished"].itertuples():
        labels = np.arange(items) % 2
        rng = np.random.default_rng([cell.seed, len(str(cell.arm))])
        right = rng.permutation(items) < round(cell.test_accuracy * items)
        chance = np.where(right == (labels == 1), 0.9 + 1e-4 * cell.seed, 0.1 - 1e-4 * cell.seed)
        logs = {"log_probability_0": np.log(1 - chance), "log_probability_1": np.log(chance)}
        frames.append((str(cell.arm), int(cell.seed), pd.DataFrame({"row": range(items), "label": labels, **logs})))
    vars(table)["cell_predictions"] = lambda part: iter(frames)
    return table
