"""What the driver makes of the nodes that there are, before the first cell."""

import dataclasses
import io
from collections.abc import Callable
from typing import Any

import pytest
from in_process import without_ray
from rich.console import Console

from orchestrator.plan import Plan
from orchestrator.run import driver
from orchestrator.run.cluster import Node
from orchestrator.run.driver import RunSummary, run_plan
from orchestrator.store import Home
from trainables.errors import MachineError

Run = Callable[..., RunSummary]


def test_cards_that_torch_does_not_see_are_told_before_the_first_cell_or_refused_where_they_were_asked_for(
    plan: Plan, run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    taken_up = without_ray(monkeypatch, nodes=(Node("here", 2, 1),))
    resources = plan.spec.resources.model_copy(update={"gpus": 0.5})
    asks = dataclasses.replace(plan, spec=plan.spec.model_copy(update={"resources": resources}))
    with pytest.raises(MachineError, match=r"resources\.gpus is 0\.5, but on here torch sees no card"):
        run(asks)
    assert (taken_up, home.store().names("")) == ([], [])
    said = io.StringIO()
    summary = run_plan(plan, "its file", home, Console(file=said, width=200))
    assert summary.exit_code == 0
    assert said.getvalue().startswith("on here torch sees no card, though Ray counts some: trials there train on")


def test_the_nodes_of_a_cluster_are_asked_whether_they_see_the_store_and_this_machine_is_not(
    plan: Plan, run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = (Node("a", 2, 0), Node("b", 2, 0))
    asked: list[tuple[str, tuple[Node, ...]]] = []

    def blind(store: Any, nodes: tuple[Node, ...]) -> None:
        asked.append((store.url, nodes))
        raise MachineError("the store cannot be reached from b")

    taken_up = without_ray(monkeypatch, nodes=nodes)
    monkeypatch.setattr(driver, "check_nodes_reach", blind)
    with pytest.raises(MachineError, match="the store cannot be reached from b"):
        run(plan, address="10.0.0.1:6379")
    assert asked == [(home.store().url, nodes)]
    assert (taken_up, home.store().names("")) == ([], [])
    assert run(plan).exit_code == 0
    assert len(asked) == 1
