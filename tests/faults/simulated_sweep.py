"""A sweep on simulated machines: what the driver, its workers and `sync` do, with nothing real left out but Ray.

The driver below does what `orchestrator/run/driver.py` and `orchestrator/cli/carry_out.py` do: see what is left,
note the plan, seat two workers at a time, give a cell whose worker died to another, tell the recorder of all steps,
and close the record at the end.
"""

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from simulated_machines import World
from simulated_mlflow import RememberedMlflow
from simulated_processes import Process

from orchestrator.plan import Plan, PlannedCell, cell_key
from orchestrator.record import Recorder
from orchestrator.record.sync import SweepRecord
from orchestrator.run.cell_work import CellWork, Step
from orchestrator.run.work_left import commit_plan, work_left
from orchestrator.spec import SweepSpec
from orchestrator.store import CellStore, Home, StoreError, SweepStore
from trainables.data.tokens import TokenizedCorpus, TokenizedRows
from trainables.errors import UserError

EPOCHS = 3
SLOTS = 2
WORKER_RETRIES = 3
GRACE_S = 4.0
NOTICED_AFTER_S = 1.0
"""So long a worker goes on that has outlived its driver."""
NAME = "simulated"

_ROWS = TokenizedRows(np.zeros(1, np.int32), np.array([0, 1]), np.zeros(1, np.int64), None)
CORPUS = TokenizedCorpus({"train": _ROWS}, ("no", "yes"), "f" * 64, "cl100k_base", 1)


def make_plan(*learning_rates: float) -> Plan:
    """An arm a rate, one seed; of a rate above 1 the cell diverges."""
    spec = SweepSpec.model_validate(
        {
            "name": NAME,
            "data": "synthetic",
            "loss": "cross_entropy",
            "training": {"epochs": EPOCHS},
            "vary": {"training.learning_rate": learning_rates},
            "seeds": 1,
        }
    )
    cells = [
        PlannedCell(
            key=cell_key(cell.config, CORPUS.fingerprint),
            arm=cell.arm.name,
            seed=cell.config.seed,
            config=cell.config,
            corpus="corpus",
            fingerprint=CORPUS.fingerprint,
        )
        for cell in spec.cells
    ]
    return Plan(spec, tuple(cells), {"corpus": CORPUS}, ("no rows to speak of",))


WHOLE = make_plan(0.1, 9.0, 0.2)
DIVERGES = WHOLE.cells[1]
SMALLER = make_plan(0.1, 9.0)
"""The same sweep before it has grown."""


@dataclass
class Sweep:
    """A home, its MLflow, and the commands that are given on it."""

    world: World
    root: Path
    mlflow: RememberedMlflow = field(init=False)
    trained: "Counter[float]" = field(default_factory=Counter)
    """Steps, by a cell's learning rate."""
    checkpoint_every_s: float = 0.0
    drivers: "list[Driver]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mlflow = RememberedMlflow(self.world)
        self.home = Home(self.root)
        self.cells = CellStore(self.home.store())

    # Commands; each is a process

    def run(self, plan: Plan, host: str = "a", retry_diverged: bool = False) -> None:
        driver = Driver(self, plan, retry_diverged)
        driver.process = self.world.start(host, "driver", driver.run)
        self.drivers.append(driver)

    def ask_to_stop(self) -> None:
        """A signal to every driver."""
        for driver in self.drivers:
            driver.asked_to_stop = True

    def sync(self, host: str = "a") -> None:
        self.world.start(host, "sync", self._sync)

    def connect(self, home: Home, sweep: str, uri: str) -> SweepRecord:
        plan = SweepStore(home.store()).plan(sweep)
        assert plan is not None
        return SweepRecord(self.mlflow, home.store(), plan, clock=self.world.now)

    def _sync(self) -> None:
        with suppress(UserError, ConnectionError, RuntimeError):  # the command says so and leaves
            if SweepStore(self.home.store()).plan(NAME) is not None:
                self.connect(self.home, NAME, "").record_all()

    # What is there

    def bits(self) -> dict[str, Any]:
        """All that the cells hold but times."""
        return {cell.key: self._bits_of(cell.key) for cell in WHOLE.cells}

    def _bits_of(self, key: str) -> dict[str, Any]:
        stored = self.cells.result(key)
        assert stored is not None, f"{key} is not done"
        return {
            "settings": self.cells.settings(key),
            "result": stored.result.model_copy(update={"measured_at": 0.0}),
            "history": [(record.epoch, record.step, record.metrics) for record in self.cells.history(key)],
            "files": {file.name: file.sha256 for file in stored.files.values()},
            "files there": {
                name.rsplit("/", 1)[1]: hashlib.sha256(self.cells.store.read(name) or b"").hexdigest()
                for name in self.cells.store.names(self.cells.newest_try(key).paths.files)
            },
        }


class Driver:
    """One `seedwise run`."""

    def __init__(self, sweep: Sweep, plan: Plan, retry_diverged: bool):
        self.sweep, self.plan, self.world = sweep, plan, sweep.world
        self.retry_diverged = retry_diverged
        self.process: Process | None = None
        self.asked_to_stop = False
        """By a signal, or by a worker that could not write."""
        self._told: list[tuple[str, Step]] = []
        self._in_hand: set[str] = set()
        self._workers: dict[Process, str] = {}
        self._lost: Counter[str] = Counter()

    def run(self) -> None:
        try:
            work = work_left(self.sweep.cells, self.plan, self.retry_diverged)
            commit_plan(self.sweep.home, self.plan, "a sweep file", work)
        except StoreError:
            return  # the command says so and leaves
        self.recorder = Recorder(self.sweep.home, NAME, "somewhere", connect=self.sweep.connect)
        self.recorder.attend()
        self.recorder.start()
        left = list(work.todo)
        while (left or self._workers) and not self.asked_to_stop:
            while left and len(self._workers) < SLOTS:
                self._seat(left.pop(0))
            left += self._hear()
        deadline = self.world.clock + GRACE_S
        while self._workers and self.world.clock < deadline:
            self._hear(GRACE_S)
        for worker in self._workers:
            self.world.kill(worker)
        self.recorder.finish(3.0 if self.asked_to_stop else 120.0, stopped=self._let_go())

    def _let_go(self) -> list[str]:
        with suppress(StoreError):
            return [key for key in self._in_hand if not self.sweep.cells.is_done(key)]
        return []

    def _seat(self, key: str) -> None:
        (cell,) = [cell for cell in self.plan.cells if cell.key == key]
        assert self.process is not None
        worker = self.world.start(self.process.host, f"worker on {cell.arm}", lambda: self._work(cell))
        self._workers[worker] = key

    def _hear(self, timeout: float | None = None) -> list[str]:
        """Wait for something to happen to the workers; gives the cells that are to be tried again."""
        self.world.wait(lambda: self._told or any(not worker.lives for worker in self._workers), timeout)
        while self._told:
            key, step = self._told.pop(0)
            self.recorder.notify(key)
            self._in_hand |= {key} if step.status != "held" else set()
            self.asked_to_stop |= step.status == "lost"
        again = []
        for worker in [worker for worker in self._workers if not worker.lives]:
            key = self._workers.pop(worker)
            if not worker.over:  # it was killed
                self._lost[key] += 1
                again += [key] if self._lost[key] <= WORKER_RETRIES else []
        return again

    def _work(self, cell: PlannedCell) -> None:
        """What a trial does with one cell."""
        work = CellWork(
            cell.key,
            cell.config,
            CORPUS,
            self.sweep.home.store(),
            device="cpu",
            threads=1,
            checkpoint_every_s=self.sweep.checkpoint_every_s,
            stop=lambda: bool(self.world.operation(self._is_over)),
        )
        step = Step("epoch")
        while step.status == "epoch":
            step = work.step()
            self._told.append((cell.key, step))
        work.close()

    def _is_over(self) -> bool:
        """What the stop flag says: that the driver asks for it, or, a little later, that it is dead."""
        assert self.process is not None
        return self.asked_to_stop or self.world.clock > self.process.died_at + NOTICED_AFTER_S
