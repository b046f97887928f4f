"""What a plan costs, before launch: parameters, steps, time from a short calibration, disk.

In: a `Plan`. Out: an `ArmCost` for each arm. Trains a few throw-away steps of each, and stores nothing.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

import torch

from orchestrator.plan.plan import Plan, PlannedCell
from trainables.classifier import CellTraining
from trainables.data.batches import PackedBatch, PartBatches
from trainables.errors import DivergedError, MachineError, SettingsError
from trainables.training import EpochSoFar, train_epoch

WARM_UP_STEPS = 2
TIMED_STEPS = 8
BYTES_PER_PREDICTED_NUMBER = 8


@dataclass(frozen=True)
class ArmCost:
    """One cell of an arm."""

    arm: str
    parameters: int
    live_tokens: int
    """Rows of the token table that the data use; the others are never read."""
    steps: int
    """Optimizer steps of a whole cell."""
    seconds: float
    """One cell alone on this machine's processor."""
    kept_bytes: int
    """What a finished cell leaves; while it runs, its checkpoints take up to nine times its parameters besides."""


def arm_costs(plan: Plan, threads: int) -> tuple[ArmCost, ...]:
    """Calibrate the first cell of each arm."""
    first = {cell.arm: cell for cell in reversed(plan.cells)}
    return tuple(_calibrate(first[arm.name], plan, threads) for arm in plan.spec.arms)


def seconds_left(plan: Plan, costs: tuple[ArmCost, ...], epochs_done: Mapping[str, int], slots: int) -> float:
    """Expected time of what is left, with so many trials at once; `epochs_done` by key, absent for a new cell."""
    seconds = {cost.arm: cost.seconds for cost in costs}
    shares = [1 - epochs_done.get(cell.key, 0) / cell.config.training.epochs for cell in plan.cells]
    left = [share * seconds[cell.arm] for share, cell in zip(shares, plan.cells, strict=True)]
    return max(sum(left) / slots, max(left, default=0.0))


def _calibrate(cell: PlannedCell, plan: Plan, threads: int) -> ArmCost:
    config = cell.config
    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    training = _set_up(cell, plan, device, threads)
    steps_per_epoch = len(training.data.train)
    shuffled = training.data.train.shuffled(training.streams, 1, 0, config.model.token_dropout)
    batches = list(islice(shuffled, WARM_UP_STEPS + TIMED_STEPS))
    timed = batches[WARM_UP_STEPS:] or batches
    try:
        _train(training, batches[:WARM_UP_STEPS])
        seconds_per_step = _train(training, timed) / len(timed)
    except DivergedError as error:
        raise SettingsError(f"the arm {cell.arm} diverges in its first steps: {error}") from error

    evaluated = training.data.evaluated
    seconds_per_item = _seconds_per_item(training, evaluated["validation"])
    items_evaluated = config.training.epochs * len(evaluated["validation"].rows)
    items_evaluated += sum(len(part.rows) for part in evaluated.values())

    parameters = sum(p.numel() for p in training.model.parameters())
    numbers_per_item = 2 + config.loss.num_outputs(training.data.num_classes) + training.data.num_classes
    items_kept = sum(len(part.rows) for part in evaluated.values())
    return ArmCost(
        arm=cell.arm,
        parameters=parameters,
        live_tokens=len(training.data.vocabulary),
        steps=steps_per_epoch * config.training.epochs,
        seconds=seconds_per_step * steps_per_epoch * config.training.epochs + seconds_per_item * items_evaluated,
        kept_bytes=4 * parameters + items_kept * numbers_per_item * BYTES_PER_PREDICTED_NUMBER,
    )


def _set_up(cell: PlannedCell, plan: Plan, device: str, threads: int) -> CellTraining:
    try:
        return CellTraining(cell.config, plan.corpora[cell.corpus], device=device, threads=threads)
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "memory" not in str(error):
            raise
        raise MachineError(
            f"the arm {cell.arm} does not fit into this machine's memory; a smaller model, tokens.max_length or "
            "training.batch_size needs less"
        ) from error


def _seconds_per_item(training: CellTraining, part: PartBatches) -> float:
    """Of evaluation, over two batches."""
    started = time.perf_counter()
    with torch.inference_mode():
        items = sum(len(training.model(batch.to(training.device)).cpu()) for batch in islice(part.in_order(), 2))
    return (time.perf_counter() - started) / items


def _train(training: CellTraining, batches: list[PackedBatch]) -> float:
    """Seconds that the batches take."""
    so_far = EpochSoFar()
    train_epoch(
        training.model,
        training.config.loss,
        training.optimizer,
        batches,
        training.config.training,
        training.streams,
        so_far,
        epoch=1,
        first_step=0,
        num_steps=training.num_steps,
        device=training.device,
    )
    return so_far.seconds
