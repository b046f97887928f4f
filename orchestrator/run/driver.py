"""Carries a plan out: a Tune trial for every cell that is left, and a summary of how each one ended.

In: a `Plan`, the home. Out: a `RunSummary`; the truth is in the store by then. Running the same plan again is how
one resumes: what is done is skipped, what was begun goes on.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from rich.console import Console

from orchestrator.plan import Plan, PlannedCell
from orchestrator.run.cards import nodes_without_cuda, usable_cards
from orchestrator.run.cell_work import Step
from orchestrator.run.cluster import running_ray, trial_resources
from orchestrator.run.experiments import Experiments
from orchestrator.run.probe import check_nodes_reach
from orchestrator.run.progress import Tally, make_progress
from orchestrator.run.reporter import UNSTARTED_S
from orchestrator.run.stopping import StopRequested, StopSwitch
from orchestrator.run.work_left import WorkLeft, commit_plan, work_left
from orchestrator.store import CellStore, Home, SweepStore
from orchestrator.store.damage import noted_damage
from orchestrator.store.done_cells import is_whole


class Listener(Protocol):
    """Somebody who wants to know that a cell has something new in the store. Must not block or raise."""

    def notify(self, key: str) -> None: ...


@dataclass(frozen=True)
class RunSummary:
    """How a run ended. Keys of cells by how they ended; `messages` says why for those not finished."""

    finished: tuple[str, ...]
    """Including those that were done before."""
    trained: tuple[str, ...]
    """Finished or diverged in this run."""
    diverged: tuple[str, ...]
    failed: tuple[str, ...]
    """Their own code raised."""
    lost: tuple[str, ...]
    """The machine took their workers, as often as they were taken up again."""
    held: tuple[str, ...]
    left: tuple[str, ...]
    let_go: tuple[str, ...] = ()
    """Of those above that have no result: what workers of this run had in hand, and have no more."""
    messages: dict[str, str] = field(default_factory=dict)
    stopped_by: str = ""
    """Why the run ended early; empty if it did not."""
    exit_code: int = 0
    seconds: float = 0.0

    @property
    def to_go_on_with(self) -> bool:
        """Whether the same command has something left to train."""
        return bool(self.failed or self.lost or self.held or self.left)


def run_plan(
    plan: Plan,
    source_text: str,
    home: Home,
    console: Console,
    *,
    address: str | None = None,
    retry_diverged: bool = False,
    listener: Listener | None = None,
    on_planned: Callable[[], None] = lambda: None,
    on_first_step: Callable[[], None] = lambda: None,
    switch: StopSwitch | None = None,
) -> RunSummary:
    """Carry out what is left of the plan; `source_text` is the sweep file, kept beside it.

    `retry_diverged`: cells that have diverged are left, too; their outcomes are put by.
    `on_planned`: called when the plan is stored, before any cell trains; not where none is left to be trained.
    `switch`: what ends it early; by default one that takes the process's signals and nothing else.

    Raises MachineError, with no cell begun, if Ray cannot be had, cannot seat a trial, or a node of the cluster at
    `address` does not reach the store; StopRequested if asked to stop before the plan is stored.
    """
    started = time.time()
    cells = CellStore(home.store())
    planned = {cell.key: cell for cell in plan.cells}
    left = work_left(cells, plan, retry_diverged)
    todo = left.todo
    switch = switch or StopSwitch()
    steps: dict[str, Step] = {}
    if todo:
        stored = cells.of_each(todo, lambda key: left.epochs_stored(cells, key))
        tally = Tally(plan, planned.keys() - set(todo), stored.__getitem__)
        progress = make_progress(tally, console)
        log = home.ray_log(plan.spec.name)

        def told(key: str, step: Step) -> None:
            if not steps:
                on_first_step()
            if step.status == "failed" and key in steps and steps[key].status == "failed":
                return  # told when it happened
            steps[key] = step
            if step.status != "stopped":
                progress.told(planned[key], step)
            if listener is not None:
                listener.notify(key)

        def stopping(trials: int) -> None:
            console.print(_said_when_asked(switch, trials), markup=False, soft_wrap=True)

        def unstarted() -> None:
            console.print(
                f"no trial has started for {UNSTARTED_S / 60:.0f} minutes: others have the CPUs or GPUs, or Ray's "
                f"workers cannot start (see {log}, and Ray's own logs, by default in "
                "/tmp/ray/session_latest/logs); it goes on as soon as it can, and Ctrl-C stops it",
                markup=False,
                soft_wrap=True,
            )

        ray = running_ray(address, log, switch.note_while_ray_starts, switch.request, switch.before_end)
        with switch.installed(), switch.polled(), ray as nodes:
            switch.raise_if_asked()
            wanted = plan.spec.resources
            nodes, cards_said = usable_cards(wanted, nodes, nodes_without_cuda(nodes, local=address is None))
            resources = trial_resources(wanted, nodes)
            if address is not None:
                check_nodes_reach(home.store(), nodes)
            for sentence in filter(
                None, (cards_said, *commit_plan(home, plan, source_text, left, switch.raise_if_asked))
            ):
                console.print(sentence, markup=False, soft_wrap=True)
            on_planned()
            progress.start()
            try:
                experiments = Experiments(plan, home, resources, switch, told, stopping, unstarted)
                with contextlib.suppress(StopRequested):
                    experiments.over([planned[key] for key in todo])
            finally:
                progress.stop()
    if not todo or SweepStore(home.store()).plan(plan.spec.name) is None:  # or somebody has cleared the home away
        commit_plan(home, plan, source_text, left)
    return _summary(cells, planned, left, steps, switch, time.time() - started)


def as_it_stands(home: Home, summary: RunSummary) -> RunSummary:
    """The summary without cells that are undone since: a reader has found damaged what belongs to a result."""
    store = home.store()
    if not noted_damage(store):
        return summary
    done = (*summary.finished, *summary.diverged)
    cells = CellStore(store)
    undone = {key for key, whole in cells.of_each(done, lambda key: is_whole(cells, key)).items() if not whole}
    if not undone:
        return summary

    def kept(keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(key for key in keys if key not in undone)

    return replace(
        summary,
        finished=kept(summary.finished),
        diverged=kept(summary.diverged),
        trained=kept(summary.trained),
        left=(*summary.left, *(key for key in done if key in undone)),
        exit_code=summary.exit_code or 1,
    )


def _said_when_asked(switch: StopSwitch, trials: int) -> str:
    again = "; once more ends them at once" if switch.signal else ""  # else the first signal is yet to come
    return f"{switch.reason}: {trials} trials are asked for a checkpoint{again}"


def _summary(
    cells: CellStore,
    planned: dict[str, PlannedCell],
    left: WorkLeft,
    steps: dict[str, Step],
    switch: StopSwitch,
    seconds: float,
) -> RunSummary:
    """From what the store holds now; the steps only say why a cell is not done."""
    ended: dict[str, list[str]] = {name: [] for name in ("finished", "diverged", "failed", "lost", "held", "left")}
    messages = {}
    results = cells.results(planned)
    for key in planned:
        stored = results.get(key)
        last = steps.get(key)
        if stored is not None:
            ended[stored.result.status].append(key)
            if stored.result.divergence:
                messages[key] = stored.result.divergence
        elif last is not None and last.status in ("failed", "lost", "held"):
            ended[last.status].append(key)
            messages[key] = last.message
        else:
            ended["left"].append(key)
    let_go = [key for name in ("failed", "lost", "left") for key in ended[name] if key in steps]
    incomplete = len(ended["finished"]) < len(planned)
    return RunSummary(
        **{name: tuple(keys) for name, keys in ended.items()},
        trained=tuple(
            key
            for key in (*ended["finished"], *ended["diverged"])
            if key in left.todo and results[key] != left.again.get(key)  # else it could not be tried again
        ),
        let_go=tuple(let_go),
        messages=messages,
        stopped_by=switch.reason,
        exit_code=switch.exit_code if switch.reason else int(incomplete),
        seconds=seconds,
    )
