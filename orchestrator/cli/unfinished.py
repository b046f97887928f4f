"""What a run says of the cells that it could not finish: which, why, and where to look.

In: the plan, the run's summary, the store's records. Out: lines. Cells of an arm that ended alike share a line.
"""

from collections.abc import Iterator, Sequence

from orchestrator.plan import Plan, PlannedCell
from orchestrator.run.driver import RunSummary
from orchestrator.store import CellStore, Home


def unfinished(plan: Plan, summary: RunSummary, home: Home) -> Iterator[str]:
    """A line for each arm and reason, and below it the place of what is kept of it."""
    planned = {cell.key: cell for cell in plan.cells}
    for what in ("diverged", "failed", "lost", "held"):
        keys: tuple[str, ...] = getattr(summary, what)
        alike: dict[tuple[str, str], list[PlannedCell]] = {}
        for key in keys:
            alike.setdefault((planned[key].arm, summary.messages.get(key, "")), []).append(planned[key])
        for (arm, why), cells in alike.items():
            yield f"{what}: {arm}, {_seeds(cells)}: {why}"
            if what == "diverged":
                yield _of_divergence(cells[0].key, home)
            elif what == "failed":
                yield _of_failure(cells[0], why, len(cells) > 1, home, plan.spec.name)
            elif what == "lost":
                yield f"  Ray's log: {home.ray_log(plan.spec.name)}"
    if number := len(summary.diverged):
        cells_are, them = ("1 cell", "it") if number == 1 else (f"{number} cells", "them")
        yield f"{cells_are} diverged: an outcome, not tried again; --retry-diverged trains {them} from the start"


def _seeds(cells: Sequence[PlannedCell]) -> str:
    return f"seed{'s' if len(cells) > 1 else ''} {', '.join(str(cell.seed) for cell in cells)}"


def _of_divergence(key: str, home: Home) -> str:
    """There is no traceback: nothing went wrong but the numbers, and those of the epochs before are kept."""
    of = CellStore(home.store()).newest_try(key)
    before = of.epochs_stored()
    if not before:
        return "  in its first epoch, so that there are no earlier ones to look at"
    epochs = "the epoch" if before == 1 else f"the {before} epochs"
    return f"  {epochs} before: {of.store.url}/{of.paths.history}"


def _of_failure(cell: PlannedCell, why: str, more: bool, home: Home, sweep: str) -> str:
    failures = CellStore(home.store()).failures(cell.key)
    if not failures or failures[-1]["error"] != why:  # no code of the cell raised; its worker was lost
        return f"  there is no traceback; Ray's log: {home.ray_log(sweep)}"
    epoch = failures[-1]["epoch"]
    when = "while it was set up" if epoch == 0 else f"in epoch {epoch}"
    if epoch > cell.config.training.epochs:
        when = "after its last epoch"
    return f"  {when}; traceback{' of the first' if more else ''}: {home.failures(cell.key)}"
