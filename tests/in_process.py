"""A sweep's cells carried out in this process, one after another, where Ray would have them carried out.

The driver and what Tune tells it are real; Tune and its workers are a loop.
"""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest

from orchestrator.plan import Plan, PlannedCell
from orchestrator.run import driver
from orchestrator.run.cell_work import CellWork, Step
from orchestrator.run.cluster import Node
from orchestrator.run.experiments import Experiments
from orchestrator.run.reporter import TuneReporter
from orchestrator.store import Home

Disturb = Callable[[PlannedCell, int], Step | None]
"""Called before each step of a cell, with its number from 1; what it gives is told in the step's place."""


def without_ray(
    monkeypatch: pytest.MonkeyPatch,
    disturb: Disturb = lambda cell, number: None,
    nodes: Sequence[Node] = (Node("here", 2, 0),),
) -> list[str]:
    """Put it into Ray's place; gives the keys of the cells that are taken up, as they are."""
    taken_up: list[str] = []

    @contextlib.contextmanager
    def running(*_: Any, **__: Any) -> Iterator[tuple[Node, ...]]:
        yield tuple(nodes)

    def over(sweep: Experiments, todo: list[PlannedCell]) -> None:
        flag = threading.Event()
        reporter = TuneReporter(sweep.switch, flag, sweep.told, sweep.stopping, sweep.unstarted, lambda key: None)  # type: ignore[arg-type]
        for cell in todo:
            reporter.on_step_begin(0, [])
            taken_up.append(cell.key)
            trial = SimpleNamespace(trial_id=cell.key, status="RUNNING", config={"cell": cell.key})
            with contextlib.closing(work_on(cell, sweep.plan, sweep.home, flag.is_set)) as work:
                for number in itertools.count(1):
                    reporter.on_step_begin(number, [trial])
                    step = disturb(cell, number) or work.step()
                    reporter.on_trial_result(number, [trial], trial, {"cell": cell.key, **asdict(step)})
                    if step.status != "epoch":
                        break
        reporter.on_step_begin(0, [])

    monkeypatch.setattr(driver, "running_ray", running)
    monkeypatch.setattr(Experiments, "over", over)
    return taken_up


def work_on(cell: PlannedCell, plan: Plan, home: Home, stop: Callable[[], bool] = lambda: False) -> CellWork:
    """As a worker of the sweep would take it up."""
    corpus = plan.corpora[cell.corpus]
    return CellWork(cell.key, cell.config, corpus, home.store(), device="cpu", threads=1, stop=stop)
