"""A sweep's cells carried out in this process, one after another, where Ray would have them carried out."""

import contextlib
import inspect
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from orchestrator.plan import Plan, PlannedCell
from orchestrator.run import driver
from orchestrator.run.cell_work import CellWork, Step
from orchestrator.run.cluster import Node
from orchestrator.store import Home

PARAMETERS = inspect.signature(driver._fit)
"""Nothing public lies between the driver and Tune; its arguments are taken by name, so that it may get others."""

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

    def fit(*arguments: Any, **named: Any) -> None:
        given = PARAMETERS.bind(*arguments, **named).arguments
        for cell in given["todo"]:
            given["switch"].raise_if_asked()
            taken_up.append(cell.key)
            with contextlib.closing(work_on(cell, given["plan"], given["home"])) as work:
                for number in itertools.count(1):
                    step = disturb(cell, number) or work.step()
                    given["told"](cell.key, step)
                    if step.status != "epoch":
                        break
                    given["switch"].raise_if_asked()
        given["switch"].raise_if_asked()

    monkeypatch.setattr(driver, "running_ray", running)
    monkeypatch.setattr(driver, "_fit", fit)
    return taken_up


def work_on(cell: PlannedCell, plan: Plan, home: Home) -> CellWork:
    """As a worker of the sweep would take it up."""
    return CellWork(cell.key, cell.config, plan.corpora[cell.corpus], home.store(), device="cpu", threads=1)
