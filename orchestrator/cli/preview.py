"""What `seedwise plan` prints: cells done, begun and new, and what the rest costs."""

import dataclasses
import json
import os
from pathlib import Path

from rich.table import Table

from orchestrator.cli.output import standard_output
from orchestrator.plan import Plan, prepare_sweep
from orchestrator.plan.cost import ArmCost, arm_costs, seconds_left
from orchestrator.report.words import duration
from orchestrator.store import CellStore, Home
from orchestrator.sweep_file import LoadedSweep


@dataclasses.dataclass(frozen=True)
class Preview:
    """The numbers that both forms of output show."""

    sweep: str
    arms: tuple[ArmCost, ...]
    seeds: tuple[int, ...]
    done: int
    begun: int
    new: int
    trials_at_once: int
    """On this machine; 0 if it cannot seat one."""
    seconds_left: float
    disk_bytes: int
    data: tuple[str, ...]


def print_preview(loaded: LoadedSweep, home: Path | None, as_json: bool) -> None:
    """Load the data, calibrate each arm for a few steps, and print."""
    place = Home.at(home)
    plan = prepare_sweep(loaded.spec, place.token_cache)
    preview = _preview(plan, CellStore(place.store()))
    if as_json:
        print(json.dumps(dataclasses.asdict(preview), indent=1))
    else:
        _print(preview, plan)


def _preview(plan: Plan, cells: CellStore) -> Preview:
    spec = plan.spec
    done = {cell.key for cell in plan.cells if cells.is_done(cell.key)}
    epochs = {
        cell.key: cell.config.training.epochs if cell.key in done else cells.epochs_stored(cell.key)
        for cell in plan.cells
    }
    begun = {key for key in epochs if epochs[key]} - done
    costs = arm_costs(plan, spec.resources.cpus)
    slots = len(os.sched_getaffinity(0)) // spec.resources.cpus
    return Preview(
        sweep=spec.name,
        arms=costs,
        seeds=spec.seed_list,
        done=len(done),
        begun=len(begun),
        new=len(plan.cells) - len(done) - len(begun),
        trials_at_once=slots,
        seconds_left=seconds_left(plan, costs, epochs, max(1, slots)),
        disk_bytes=sum(cost.kept_bytes for cost in costs) * len(spec.seed_list),
        data=plan.data_sentences,
    )


def _print(preview: Preview, plan: Plan) -> None:
    out, spec = standard_output(), plan.spec
    table = Table(title=f"{spec.name}: {len(preview.arms)} arms × {len(preview.seeds)} seeds", title_justify="left")
    for column in ("arm", "parameters", "tokens in use", "steps", "one cell"):
        table.add_column(column, justify="left" if column == "arm" else "right")
    for cost in preview.arms:
        numbers = (f"{cost.parameters:,}", f"{cost.live_tokens:,}", f"{cost.steps:,}", duration(cost.seconds))
        table.add_row(cost.arm, *numbers)
    out.print(table)
    for sentence in preview.data:
        out.print(f"  {sentence}", markup=False)
    out.print(f"{len(plan.cells)} cells: {preview.done} done, {preview.begun} begun, {preview.new} new")
    cpus = spec.resources.cpus
    if preview.trials_at_once:
        out.print(
            f"expected time for the rest: {duration(preview.seconds_left)}, "
            f"{preview.trials_at_once} trials at once on this machine, {cpus} CPU each"
        )
    else:
        out.print(f"this machine cannot seat a trial of {cpus} CPUs; lower resources.cpus, or run with --address")
    out.print(f"disk: {preview.disk_bytes / 2**20:.0f} MiB when all cells are done")
    out.print(
        f"decides: {spec.decide.metric} ({spec.decide.direction}), against {spec.baseline_arm.name}", markup=False
    )
