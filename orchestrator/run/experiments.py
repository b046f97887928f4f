"""Tune's experiments over the cells that are left: what Tune is told, and what it gives up too soon."""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass

from orchestrator.plan import Plan, PlannedCell
from orchestrator.run import cluster  # noqa: F401  (sets what Ray reads when imported)
from orchestrator.run.cell_work import Step, failure_in
from orchestrator.run.reporter import FOR_MEMORY, WORKER_RETRIES, TuneReporter
from orchestrator.run.scratch import tune_scratch
from orchestrator.run.stop_flag import StopFlag
from orchestrator.run.stopping import StopSwitch
from orchestrator.store import CellStore, Home
from orchestrator.store.local import no_space_at_home
from trainables.disk import has_no_temporary_space, is_full, no_temporary_space

import ray  # isort: skip
from ray import tune  # isort: skip


@dataclass(frozen=True)
class Experiments:
    """A trial for every cell, on the Ray that runs."""

    plan: Plan
    home: Home
    resources: dict[str, float]
    """Of one trial."""
    switch: StopSwitch
    told: Callable[[str, Step], None]
    """Called with a cell's key and what it has come to, for each of its steps."""
    stopping: Callable[[int], None]
    """Called once where the sweep is asked to stop, with the number of trials under way."""
    unstarted: Callable[[], None]
    """Called where no trial has come under way for long."""

    def over(self, todo: list[PlannedCell]) -> None:
        """An experiment over the cells, and another over those that it gave up too soon."""
        for _ in range(WORKER_RETRIES + 1):
            self.switch.raise_if_asked()
            try:
                cut_off = self._one_over(todo)
            except Exception as error:
                if not is_full(error):
                    raise
                self.switch.request(self._without_room())
                return
            if not cut_off:
                return
            todo = [cell for cell in todo if cell.key in cut_off]
        for key, lost in cut_off.items():
            self.told(key, lost)

    def _without_room(self) -> str:
        """Of what is worthless afterwards. What a store refuses is told by the cell whose record it was."""
        if has_no_temporary_space():
            return no_temporary_space("what Ray keeps of a run")
        log = self.home.ray_log(self.plan.spec.name)
        return f"{log} cannot be written: {no_space_at_home(log)}"

    def _one_over(self, todo: list[PlannedCell]) -> dict[str, Step]:
        """A new experiment each time, for its own state is not what resume rests on.

        Returns the cells that it gave up with retries left, and how each was lost.
        """
        from orchestrator.run.trial import CellTrial  # imports torch, which Ray's start need not wait for

        flag, run, cells = StopFlag(), uuid.uuid4().hex, CellStore(self.home.store())
        in_use = {cell.corpus for cell in todo}
        trainable = tune.with_parameters(
            CellTrial,
            cells={cell.key: (cell.config.model_dump(), cell.corpus) for cell in todo},
            corpora={name: ray.put(self.plan.corpora[name].in_memory()) for name in in_use},
            store=self.home.store(),
            flag=flag,
            threads=int(self.resources["cpu"]),
            checkpoint_every_s=self.plan.spec.resources.checkpoint_every_s,
            run=run,
        )
        reporter = TuneReporter(
            self.switch, flag, self.told, self.stopping, self.unstarted, lambda key: failure_in(run, cells, key)
        )
        self.switch.raise_if_asked()  # torch takes seconds to be loaded, and the tokens to be put
        with tune_scratch() as scratch:
            tuner = tune.Tuner(
                tune.with_resources(trainable, self.resources),
                param_space={"cell": tune.grid_search([cell.key for cell in todo])},
                tune_config=tune.TuneConfig(reuse_actors=True, trial_dirname_creator=lambda trial: trial.trial_id),
                run_config=tune.RunConfig(
                    name=self.plan.spec.name,
                    storage_path=str(scratch),
                    callbacks=[reporter],
                    failure_config=tune.FailureConfig(max_failures=WORKER_RETRIES),
                    checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
                    verbose=0,
                ),
            )
            return cut_off_in(tuner.fit, reporter, [cell.key for cell in todo])


def cut_off_in(fit: Callable[[], object], reporter: TuneReporter, todo: Collection[str]) -> dict[str, Step]:
    """Carry an experiment out; gives the cells that are to be taken up by another one, and how each was lost.

    Tune counts a worker as lost that has died; one whose death Ray reports as an error of memory breaks the whole
    experiment off.
    """
    try:
        fit()
    except RuntimeError as error:
        if not isinstance(error.__cause__, ray.exceptions.OutOfMemoryError):
            raise
        return reporter.cut_off | dict.fromkeys(reporter.unended(todo), Step("lost", message=FOR_MEMORY))
    return reporter.cut_off
