"""A Ray Tune trial: one cell, one epoch a step.

A class, not a function: a reused worker keeps its memory flat over many cells (functions grow by a thread each).
Tune's own checkpoints are not used; the cell's store is what a later trial goes on from.
"""

from typing import Any

import ray
import torch
from ray import tune

from orchestrator.run.cell_work import CellWork
from orchestrator.run.stop_flag import StopFlag, StopWatch
from orchestrator.store import Store
from trainables.config import CellConfig


class CellFailedError(Exception):
    """The cell's own code has raised, and its failure is stored.

    Raised so that Tune gives this process up: what the cell left behind in it cannot be known, and a card that has
    seen one fault fails all that comes after. Tune then tries the cell again, in a process that finds that it has
    failed in this run, and says so.
    """


class CellTrial(tune.Trainable):  # type: ignore[misc]
    """Carries out the cell that its config names."""

    def setup(
        self,
        config: dict[str, Any],
        cells: dict[str, tuple[dict[str, Any], str]] | None = None,
        corpora: dict[str, Any] | None = None,
        store: Store | None = None,
        flag: StopFlag | None = None,
        threads: int = 1,
        checkpoint_every_s: float = 0.0,
        run: str = "",
    ) -> None:
        """`cells`: settings and corpus name by key; `corpora`: a reference to each `TokenizedCorpus` by name.

        `run`: a name that no other run has.
        """
        assert cells is not None
        assert corpora is not None
        assert store is not None
        assert flag is not None
        self._cells, self._corpora, self._store = cells, corpora, store
        self._threads, self._checkpoint_every_s, self._run = threads, checkpoint_every_s, run
        self._watch = StopWatch(flag)
        self._begin(config["cell"])

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Take up another cell in the same process."""
        self.cleanup()
        self._begin(new_config["cell"])
        return True

    def step(self) -> dict[str, Any]:
        step = self._work.step()
        if step.status == "failed" and not step.seen_before:
            raise CellFailedError(step.message)
        return {
            "cell": self._work.key,
            "status": step.status,
            "epoch": step.epoch,
            "message": step.message,
            "metrics": step.metrics,
            "done": step.status != "epoch",
        }

    def cleanup(self) -> None:
        self._work.close()
        torch.cuda.empty_cache()  # other trials share the card; without one this does nothing

    def _begin(self, key: str) -> None:
        settings, corpus = self._cells[key]
        self._work = CellWork(
            key,
            CellConfig.model_validate(settings),
            ray.get(self._corpora[corpus]),
            self._store,
            device="cuda:0" if torch.cuda.is_available() and ray.get_gpu_ids() else "cpu",
            threads=self._threads,
            checkpoint_every_s=self._checkpoint_every_s,
            stop=self._watch.stopped.is_set,
            run=self._run,
        )
