"""One cell from where the store left it to its result, an epoch at a time.

In: a planned cell, the shared tokens, the store. Out: the store's records, and a `Step` for whoever asked. The
order is the promise: an epoch's record, then its checkpoint; at the end predictions and weights, then the result.
Asked to stop, it leaves a checkpoint of the step that it has come to, so that nothing at all is trained again.
Knows nothing of Ray: a trial only calls `step` until it is over.
"""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.environment import cell_environment
from orchestrator.store import CellStore, DamagedError, HeldElsewhereError, Lease, Store, StoredResult, StoreError
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.cell_try import CellTry
from orchestrator.store.damage import noted_damage
from trainables.classifier import CellTraining
from trainables.config import CellConfig
from trainables.data.tokens import TokenizedCorpus
from trainables.errors import DivergedError
from trainables.memory import is_out_of_memory

Status = Literal["epoch", "finished", "diverged", "failed", "held", "lost", "stopped"]

NEEDS_LESS_MEMORY = (
    "a smaller model, training.batch_size or tokens.max_length, or fewer trials at once (a larger resources.cpus "
    "or resources.gpus), needs less"
)


@dataclass(frozen=True)
class Step:
    """What one call did. Every status but `epoch` is the last one of this piece of work."""

    status: Status
    epoch: int = 0
    message: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    seen_before: bool = False
    """Of a failure: that it was stored earlier in this run, and the cell has not been tried again."""


class CellWork:
    """A cell that this process carries out."""

    def __init__(
        self,
        key: str,
        config: CellConfig,
        corpus: TokenizedCorpus,
        store: Store,
        *,
        device: str,
        threads: int,
        checkpoint_every_s: float = 0.0,
        stop: Callable[[], bool] = lambda: False,
        run: str = "",
    ):
        """`stop` is asked after each step, and while it scores. A checkpoint is left where it stops, and
        after each epoch from whose end the next could not end before `checkpoint_every_s` had passed without one:
        whatever dies, no more is lost than that or one epoch. A cell that has failed in this `run` is not tried
        again in it."""
        self.key, self.config, self.corpus = key, config, corpus
        self.cells = CellStore(store)
        self.lease = Lease(store, CellPaths(key).lease)
        self.device, self.threads = device, threads
        self.checkpoint_every_s, self.stop, self.run = checkpoint_every_s, stop, run
        self._digest = corpus.digest()
        self._in_hand: tuple[CellTry, CellTraining] | None = None
        """The try that counted when this work took the cell up, to which all goes that it leaves."""
        self._saved_at = 0.0
        self._over: Step | None = None

    def step(self) -> Step:
        """The next epoch, or the end. Never raises for what concerns this cell alone."""
        if self._over is None:
            step = self._guarded_step()
            if step.status == "epoch":
                return step
            self._over = step
        return self._over

    def close(self) -> None:
        """Give the lease and the memory back."""
        self._in_hand = None
        self.lease.release()

    def _guarded_step(self) -> Step:
        try:
            return self._step()
        except HeldElsewhereError as held:
            return Step("held", message=str(held))
        except StoreError as error:
            return Step("lost", message=str(error))
        except Exception as error:  # a defect in this cell must not stop the others
            return self._fail(error)

    def _step(self) -> Step:
        if self._in_hand is None:
            if (stored := self.cells.result(self.key)) is not None:
                return _end(stored)
            if self.stop():
                return Step("stopped")
            if (error := failure_in(self.run, self.cells, self.key)) is not None:
                return Step("failed", message=error, seen_before=True)
            self.lease.acquire(wait=True, stop=self.stop)
            of, stored = self.cells.standing(self.key)
            if stored is not None:  # whoever held the lease has finished it
                return _end(stored)
            self._in_hand = of, self._take_up(of)
        of, training = self._in_hand
        if self.lease.lost.is_set():
            return Step("held", message="another worker has taken this cell over")
        if not training.finished:
            began = time.monotonic()
            try:
                measured = training.advance(self.stop)
            except DivergedError as error:
                return _end(of.conclude_diverged(training.divergence(error)))
            if measured is None:
                self._save(of, training)
                return Step("stopped", training.epochs_done)
            record = of.add_epoch(measured)
            ended = time.monotonic()
            if self.stop() or (ended - self._saved_at) + (ended - began) >= self.checkpoint_every_s:
                self._save(of, training)
            if not training.finished:
                return Step("epoch", record.epoch, metrics=record.metrics)
        if self.corpus.digest() != self._digest:
            raise RuntimeError(
                "the shared token arrays were written to while this cell trained; its result is void"
            )
        history = of.history()
        if len(history) < training.epochs_done:
            raise DamagedError(
                f"{len(history)} of the {training.epochs_done} epochs of its history are left; the others were "
                f"{_how_lost(of)}; run the same command to train them anew"
            )
        outcome = training.conclude(history, self.stop)
        if outcome is None:
            self._save(of, training)
            return Step("stopped", training.epochs_done)
        return _end(of.finish(outcome))

    def _take_up(self, of: CellTry) -> CellTraining:
        training = CellTraining(self.config, self.corpus, device=self.device, threads=self.threads)
        epochs_stored = len(of.history())
        state = of.checkpoints.newest(at_most=epochs_stored)
        if state is not None:
            training.restore(state)
        self._saved_at = time.monotonic()
        self.cells.add_session(
            self.key,
            {
                "environment": cell_environment(self.device, self.threads),
                "try": of.number,
                "epochs_done": training.epochs_done,
                "steps": training.so_far.steps,
                "epochs_stored": epochs_stored,
                "at": time.time(),
            },
        )
        return training

    def _save(self, of: CellTry, training: CellTraining) -> None:
        of.checkpoints.save(training.state())
        self._saved_at = time.monotonic()

    def _fail(self, error: Exception) -> Step:
        message = f"{type(error).__name__}: {error}"
        if is_out_of_memory(error):
            message = f"out of memory ({message}); {NEEDS_LESS_MEMORY}"
        try:
            self.cells.add_failure(
                self.key,
                {
                    "error": message,
                    "traceback": traceback.format_exc(),
                    "epoch": 0 if self._in_hand is None else self._in_hand[1].epochs_done + 1,
                    "at": time.time(),
                    "run": self.run,
                },
            )
        except StoreError as refused:
            return Step("lost", message=str(refused))
        return Step("failed", message=message)


def _how_lost(of: CellTry) -> str:
    history = f"{of.paths.history}/"
    damaged = any(found.record.startswith(history) for found in noted_damage(of.store).values())
    return "damaged and have been set aside" if damaged else "deleted while it trained"


def failure_in(run: str, cells: CellStore, key: str) -> str | None:
    """What the cell has failed by in this run; None if it has not."""
    failures = cells.failures(key)
    return failures[-1]["error"] if failures and run and failures[-1]["run"] == run else None


def _end(stored: StoredResult) -> Step:
    """The last step of a cell that has a result, whoever stored it."""
    result = stored.result
    return Step(result.status, result.epochs, result.divergence, result.final)
