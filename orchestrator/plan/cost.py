"""What a plan costs, before launch: parameters, steps, time from a short calibration, disk.

In: a `Plan`. Out: an `ArmCost` for each arm. Trains a few throw-away steps of each, and stores nothing.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch

from orchestrator.plan.plan import Plan, PlannedCell
from trainables.classifier import CellTraining
from trainables.data.batches import PackedBatch, PartBatches
from trainables.errors import DivergedError, MachineError, SettingsError
from trainables.memory import is_out_of_memory
from trainables.process import set_process_state
from trainables.training import EpochSoFar, train_epoch

WARM_UP_STEPS = 2
TIMED_STEPS = 8
START_SECONDS = 12.0
"""What a run takes besides its cells: imports and Ray's start until the first cell begins, then Ray's end, the
report, and MLflow's last record. Measured with quickstart on two idle cores."""
CELL_SECONDS, EPOCH_SECONDS = 0.1, 0.015
"""What a cell, and each of its epochs, take beside training and scoring: records and checkpoints on a local disk,
and Tune's turn. Medians of the same runs: 14 ms between epochs, 11 ms to store a result, 78 ms to the next cell."""
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
    """One cell alone on this machine's processor: set up, trained, scored and stored."""
    kept_bytes: int
    """What a finished cell leaves; while it runs, its checkpoints take up to nine times its parameters besides."""


def arm_costs(plan: Plan, threads: int) -> tuple[ArmCost, ...]:
    """Calibrate the first cell of each arm."""
    first = {cell.arm: cell for cell in reversed(plan.cells)}
    return tuple(_calibrate(first[arm.name], plan, threads) for arm in plan.spec.arms)


def seconds_left(plan: Plan, costs: tuple[ArmCost, ...], epochs_done: Mapping[str, int], slots: int) -> float:
    """Expected time of the cells that are left, with so many at once; `epochs_done` by key, absent for a new one.

    What a run takes besides, `START_SECONDS`, is not in it.
    """
    seconds = {cost.arm: cost.seconds for cost in costs}
    shares = [1 - epochs_done.get(cell.key, 0) / cell.config.training.epochs for cell in plan.cells]
    left = [share * seconds[cell.arm] for share, cell in zip(shares, plan.cells, strict=True)]
    return max(sum(left) / slots, max(left, default=0.0))


def _calibrate(cell: PlannedCell, plan: Plan, threads: int) -> ArmCost:
    """Raises SettingsError if the arm diverges at once, MachineError if its model or a step of it is too large."""
    try:
        return _timed(cell, plan, threads)
    except DivergedError as error:
        raise SettingsError(f"the arm {cell.arm} diverges in its first steps: {error}") from error
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise MachineError(
            f"the arm {cell.arm} does not fit into this machine's memory; a smaller model, tokens.max_length or "
            "training.batch_size needs less"
        ) from error


def _timed(cell: PlannedCell, plan: Plan, threads: int) -> ArmCost:
    config = cell.config
    device = "cuda:0" if plan.spec.resources.gpus and torch.cuda.is_available() else "cpu"
    set_process_state(threads=threads, deterministic=config.training.deterministic)
    # torch imports its compiler for the first optimizer, which each worker does once: a part of its start.
    torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))])
    started = time.perf_counter()
    training = CellTraining(config, plan.corpora[cell.corpus], device=device, threads=threads)
    set_up_seconds = time.perf_counter() - started

    train, evaluated = training.data.train, training.data.evaluated
    epochs, steps_per_epoch = config.training.epochs, len(train)
    _train(training, islice(_first_epoch(training, skip=0), WARM_UP_STEPS))
    skip = WARM_UP_STEPS if steps_per_epoch > WARM_UP_STEPS else 0  # an epoch may be all warm-up
    timed = _train(training, islice(_first_epoch(training, skip), TIMED_STEPS))
    # By the token: of the few texts that are timed, the lengths are not those of all.
    tokens_per_epoch = int(np.minimum(train.source.lengths[train.rows], config.tokens.max_length).sum())
    training_seconds = timed.seconds / timed.tokens * tokens_per_epoch * (1 - config.model.token_dropout)

    items = {part: len(batches.rows) for part, batches in evaluated.items()}
    seconds_per_item = _seconds_per_item(training, evaluated["validation"])
    epoch_seconds = training_seconds + seconds_per_item * items["validation"] + EPOCH_SECONDS
    end_seconds = seconds_per_item * sum(items.values()) + CELL_SECONDS

    parameters = sum(p.numel() for p in training.model.parameters())
    numbers_per_item = 2 + config.loss.num_outputs(training.data.num_classes) + training.data.num_classes
    return ArmCost(
        arm=cell.arm,
        parameters=parameters,
        live_tokens=len(training.data.vocabulary),
        steps=steps_per_epoch * epochs,
        seconds=set_up_seconds + epochs * epoch_seconds + end_seconds,
        kept_bytes=4 * parameters + sum(items.values()) * numbers_per_item * BYTES_PER_PREDICTED_NUMBER,
    )


def _first_epoch(training: CellTraining, skip: int) -> Iterator[PackedBatch]:
    token_dropout = training.config.model.token_dropout
    return training.data.train.shuffled(training.streams, 1, 0, token_dropout, skip=skip)


def _seconds_per_item(training: CellTraining, part: PartBatches) -> float:
    """Of evaluation, over two batches."""
    started = time.perf_counter()
    with torch.inference_mode():
        items = sum(len(training.model(batch.to(training.device)).cpu()) for batch in islice(part.in_order(), 2))
    return (time.perf_counter() - started) / items


def _train(training: CellTraining, batches: Iterable[PackedBatch]) -> EpochSoFar:
    """What training on the batches measures, the seconds among it: to pack them, too."""
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
    return so_far
