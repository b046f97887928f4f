"""What `seedwise plan` prints: cells done, begun and new, and what the rest costs."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import torch
import typer
from rich.table import Table

from orchestrator.cli.output import standard_output
from orchestrator.cli.place import usable_home, writing_in
from orchestrator.cli.since_last_run import changes_since_last_run
from orchestrator.durations import duration
from orchestrator.environment import usable_cores
from orchestrator.plan import Plan, PlanChanges, prepare_sweep
from orchestrator.plan.clipped_heads import clipped_heads
from orchestrator.plan.cost import START_SECONDS, ArmCost, arm_costs, seconds_left
from orchestrator.plan.precision import Precision, precision
from orchestrator.record.reading import is_begun
from orchestrator.run.cluster import Node, running_ray, trial_resources
from orchestrator.spec import Resources
from orchestrator.store import CellStore, Store, SweepStore
from orchestrator.sweep_file import LoadedSweep
from trainables.errors import MachineError


@dataclasses.dataclass(frozen=True)
class Preview:
    """The numbers that both forms of output show."""

    sweep: str
    arms: tuple[ArmCost, ...]
    seeds: tuple[int, ...]
    done: int
    begun: int
    new: int
    diverged: int
    """Of those that are done."""
    trials_at_once: int
    """On this machine, or on the cluster where one was named; 0 if it cannot seat one."""
    unseated: str
    """Why it cannot; empty if it can."""
    seconds_left: float
    """Of a run that does the rest, `start_seconds` among them; 0 where nothing is left."""
    start_seconds: float
    disk_bytes: int
    data: tuple[str, ...]
    changes: PlanChanges
    """Since the sweep was last run."""
    precision: Precision
    """What the seeds can settle."""
    clipped_heads: str
    """Why heads that were to match will not; empty if there is nothing to warn of."""


def print_preview(
    loaded: LoadedSweep, home: Path | None, store: str | None, address: str | None, as_json: bool
) -> None:
    """Load the data, calibrate each arm for a few steps, and print."""
    place = usable_home(home, store)
    nodes = [Node("this machine", usable_cores(), torch.cuda.device_count())]
    if address is not None:
        with running_ray(address, place.ray_log("plan")) as there:
            nodes = list(there)
    with writing_in(place, "the tokens"):
        plan = prepare_sweep(loaded.spec, place.token_cache)
    preview = _preview(plan, place.store(), nodes)
    if as_json:
        print(json.dumps(dataclasses.asdict(preview), indent=1))
    else:
        _print(preview, plan)
    if preview.unseated:
        raise typer.Exit(2)  # as `run` would, which refuses it


def _preview(plan: Plan, store: Store, nodes: Sequence[Node]) -> Preview:
    spec, cells = plan.spec, CellStore(store)
    settings = {cell.key: cell.config for cell in plan.cells}
    done = cells.results(settings)
    stored = cells.of_each(settings.keys() - done.keys(), cells.epochs_stored)
    epochs = {key: config.training.epochs if key in done else stored[key] for key, config in settings.items()}
    taken_up = cells.of_each(
        stored, lambda key: stored[key] or is_begun(store, key)
    )  # or stopped in its first epoch
    begun = {key for key in stored if taken_up[key]}
    costs = arm_costs(plan, min(spec.resources.cpus, usable_cores()))
    slots, unseated = _slots(spec.resources, nodes)
    cells_seconds = seconds_left(plan, costs, epochs, max(1, slots))
    start_seconds = START_SECONDS if len(done) < len(plan.cells) else 0.0
    return Preview(
        sweep=spec.name,
        arms=costs,
        seeds=spec.seed_list,
        done=len(done),
        begun=len(begun),
        new=len(plan.cells) - len(done) - len(begun),
        diverged=sum(found.result.status == "diverged" for found in done.values()),
        trials_at_once=slots,
        unseated=unseated,
        seconds_left=cells_seconds + start_seconds,
        start_seconds=start_seconds,
        disk_bytes=sum(cost.kept_bytes for cost in costs) * len(spec.seed_list),
        data=plan.data_sentences,
        changes=changes_since_last_run(store, plan),
        precision=precision(plan, cells, SweepStore(store)),
        clipped_heads=clipped_heads(spec),
    )


def _slots(wanted: Resources, nodes: Sequence[Node]) -> tuple[int, str]:
    """How many trials run at once; where none can, why."""
    try:
        trial = trial_resources(wanted, tuple(nodes))
    except MachineError as error:
        return 0, str(error)
    cpu, gpu = trial["cpu"], trial["gpu"]
    return sum(int(min(node.cpus / cpu, node.gpus / gpu if gpu else node.cpus)) for node in nodes), ""


def _print(preview: Preview, plan: Plan) -> None:
    out, spec = standard_output(), plan.spec
    arms, seeds = (
        f"{n} {what}{'s' * (n != 1)}" for n, what in ((len(preview.arms), "arm"), (len(preview.seeds), "seed"))
    )
    table = Table(title=f"{spec.name}: {arms} × {seeds}", title_justify="left")
    for column in ("arm", "parameters", "tokens in use", "steps", "one cell"):
        table.add_column(column, justify="left" if column == "arm" else "right")
    for cost in preview.arms:
        numbers = (f"{cost.parameters:,}", f"{cost.live_tokens:,}", f"{cost.steps:,}", duration(cost.seconds))
        table.add_row(cost.arm, *numbers)
    out.print(table)
    for sentence in preview.data:
        out.print(f"  {sentence}", markup=False, soft_wrap=True)
    for sentence in preview.changes.sentences:
        out.print(f"{sentence}.", markup=False, soft_wrap=True)
    out.print(f"{len(plan.cells)} cells: {preview.done} done, {preview.begun} begun, {preview.new} new")
    if preview.diverged:
        out.print(
            f"{preview.diverged} of the done diverged: an outcome, which is not tried again; run with "
            "--retry-diverged trains such cells from the start",
            soft_wrap=True,
        )
    if preview.seconds_left and preview.trials_at_once:
        for line in _time_needed(preview, spec.resources.cpus):
            out.print(line, soft_wrap=True)
    out.print(f"disk: {preview.disk_bytes / 2**20:.0f} MiB when all cells are done")
    against = f", against {spec.baseline_arm.name}" if len(preview.arms) > 1 else ""
    out.print(f"decides: {spec.decide.metric} ({spec.decide.direction}){against}", markup=False)
    for sentence in preview.precision.sentences:
        out.print(sentence, markup=False, soft_wrap=True)
    for warning in (preview.precision.warning, preview.clipped_heads):
        if warning:
            out.print(f"warning: {warning}", markup=False, soft_wrap=True)
    if preview.unseated:
        out.print(preview.unseated, markup=False, soft_wrap=True)


def _time_needed(preview: Preview, cpus: int) -> tuple[str, ...]:
    """And what is in the number: of a tiny sweep much is the start, and no trial was timed beside another."""
    return (
        f"expected time for the rest: {duration(preview.seconds_left)}, {preview.trials_at_once} at once, "
        f"{cpus} CPU{'s' * (cpus > 1)} each (timed on this machine, each arm by itself)",
        f"  in it: {duration(preview.start_seconds)} until the first cell begins and after the last one ends; each "
        "cell's set-up, training, scoring, storing",
        "  not in it: reading the data; what trials at once, or other work, slow each other down",
    )
