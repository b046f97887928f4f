"""What the user sees while a sweep runs: a live table on a terminal, plain lines elsewhere."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table

from orchestrator.durations import duration
from orchestrator.plan import Plan, PlannedCell
from orchestrator.run.cell_work import Step

SHOWN_METRICS = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
PLAIN_LINE_EVERY_S = 10.0


class Progress(Protocol):
    """Is told of steps, in the driver's thread."""

    def start(self) -> None: ...
    def told(self, cell: PlannedCell, step: Step) -> None: ...
    def stop(self) -> None: ...


class Tally:
    """What is done and left, per arm, and how long the rest takes at the pace so far."""

    def __init__(self, plan: Plan, done: Iterable[str], epochs_stored: Callable[[str], int]):
        self.cells = {cell.key: cell for cell in plan.cells}
        self.arms = list(dict.fromkeys(cell.arm for cell in plan.cells))
        self.over: dict[str, str] = dict.fromkeys(done, "finished")
        self.latest: dict[str, Step] = {}
        self.running: set[str] = set()
        self._epochs_left = {
            key: cell.config.training.epochs - epochs_stored(key)
            for key, cell in self.cells.items()
            if key not in self.over
        }
        self._pace: tuple[float, int] | None = None
        """When the first step was told, and the epochs left then: what came before is Ray's start-up."""

    def told(self, cell: PlannedCell, step: Step) -> None:
        if step.metrics:
            self.latest[cell.arm] = step
        if step.status == "epoch":
            self._epochs_left[cell.key] = cell.config.training.epochs - step.epoch
            self.running.add(cell.key)
        else:
            self._epochs_left.pop(cell.key, None)
            self.running.discard(cell.key)
            self.over[cell.key] = step.status
        if self._pace is None:
            self._pace = (time.time(), sum(self._epochs_left.values()))

    def seconds_left(self) -> float | None:
        """None until there is a pace to go by."""
        if self._pace is None:
            return None
        since, left_then = self._pace
        left = sum(self._epochs_left.values())
        return (time.time() - since) / (left_then - left) * left if left < left_then else None

    @property
    def done(self) -> int:
        """Cells that have a result; one that failed, or is held elsewhere, is over but not done."""
        return sum(status in ("finished", "diverged") for status in self.over.values())

    def counts(self, arm: str) -> Counter[str]:
        """How many of the arm's cells are `finished`, `running`, `left`, or otherwise over."""
        keys = [key for key, cell in self.cells.items() if cell.arm == arm]
        return Counter(self.over.get(key, "running" if key in self.running else "left") for key in keys)


class PlainProgress:
    """A line for each cell that ends, and now and then one for an epoch."""

    def __init__(self, tally: Tally, console: Console):
        self.tally, self.console = tally, console
        self._last_line = 0.0

    def start(self) -> None:
        return

    def told(self, cell: PlannedCell, step: Step) -> None:
        self.tally.told(cell, step)
        over = step.status != "epoch"
        if not over and time.time() - self._last_line < PLAIN_LINE_EVERY_S:
            return
        self._last_line = time.time()
        done = len(self.tally.over)
        what = step.status if over else f"epoch {step.epoch}/{cell.config.training.epochs}"
        said = f"[{done}/{len(self.tally.cells)}] {cell.arm}, seed {cell.seed}: {what}"
        if step.metrics:
            said += f", validation accuracy {step.metrics['validation_accuracy']:.2%}"
        if step.message:
            said += f" ({step.message})"
        self.console.print(f"{said}{_left(self.tally)}", markup=False, highlight=False, soft_wrap=True)

    def stop(self) -> None:
        return


class LiveProgress:
    """A table that redraws itself."""

    def __init__(self, tally: Tally, console: Console):
        self.tally = tally
        self._live = Live(
            get_renderable=self._table,
            console=console,
            refresh_per_second=2,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,  # what Ray prints meanwhile goes to its log
        )

    def start(self) -> None:
        self._live.start()

    def told(self, cell: PlannedCell, step: Step) -> None:
        self.tally.told(cell, step)

    def stop(self) -> None:
        self._live.stop()

    def _table(self) -> Table:
        total = len(self.tally.cells)
        table = Table(title=f"{self.tally.done} of {total} cells done{_left(self.tally)}", title_justify="left")
        for column in ("arm", "done", "running", "left", "other", *SHOWN_METRICS):
            table.add_column(column.replace("_", " "), justify="left" if column == "arm" else "right")
        for arm in self.tally.arms:
            counts = self.tally.counts(arm)
            other = counts.total() - counts["finished"] - counts["running"] - counts["left"]
            metrics = self.tally.latest[arm].metrics if arm in self.tally.latest else {}
            shown = [f"{metrics[name]:.4f}" if name in metrics else "" for name in SHOWN_METRICS]
            numbers = (counts["finished"], counts["running"], counts["left"], other)
            table.add_row(arm, *map(str, numbers), *shown)
        return table


def make_progress(tally: Tally, console: Console) -> Progress:
    """Live on a terminal, plain elsewhere."""
    return LiveProgress(tally, console) if console.is_terminal else PlainProgress(tally, console)


def _left(tally: Tally) -> str:
    left = tally.seconds_left()
    return "" if not left else f" · about {duration(left)} left"
