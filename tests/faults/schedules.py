"""Schedules of faults, and carrying one out to its end.

A schedule is a list of events: how long all go on, who is struck, killed or frozen, how much time passes, whose
clock is set back, which command is given besides. It begins with `seedwise run`, and whenever no driver goes on,
the same command is given again, as a user would. After it comes a run that nothing disturbs.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from promises import (
    RecordsWatched,
    RunsWatched,
    check_cells,
    check_nothing_trained_twice,
    check_record,
    promise,
    what_mlflow_shows,
)
from simulated_machines import World
from simulated_processes import BrokenPromiseError, Strike
from simulated_sweep import SMALLER, WHOLE, Sweep
from simulated_wiring import wired

from orchestrator.store.holder import EXPIRES_AFTER_S

LONGEST_GO = 150
"""Operations of all, while a strike waits for its moment."""
SILENCE_S = 61.0
LONGEST_WAIT_S = 300.0
"""For the dead: the leases of cells and runs on another host expire within a minute each."""
HOSTS = ("a", "b", "c")
"""Nothing runs on the third but what comes last, if that is to be on a fresh machine."""
IN_MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Go:
    """All that can go on do so in turn, until so many operations have been done in all."""

    operations: int


@dataclass(frozen=True)
class Befall:
    """All go on until a process (by number, the oldest first: the driver before its workers) is struck.

    That is after so many of its operations of the kind that can be struck so, if it does as many.
    """

    who: int
    strike: Strike
    operations: int


@dataclass(frozen=True)
class Kill:
    """A process dies where it is, at once."""

    who: int


@dataclass(frozen=True)
class Ask:
    """All drivers are asked to stop, by a signal."""


@dataclass(frozen=True)
class Continue:
    """All that were stopped go on."""


@dataclass(frozen=True)
class Elapse:
    """Time passes while nobody is given a turn: all are frozen."""

    seconds: float


@dataclass(frozen=True)
class SetBack:
    """A host's clock shows so many seconds too few from now on."""

    host: str
    seconds: float


@dataclass(frozen=True)
class Command:
    """Somebody gives a command, whatever is under way."""

    what: str
    """`run`, `run smaller` (the sweep before it grew), `run --retry-diverged` or `sync`."""
    host: str


Event = Go | Befall | Kill | Ask | Continue | Elapse | SetBack | Command


@dataclass(frozen=True)
class Schedule:
    events: tuple[Event, ...]
    pace: int = 10
    """Operations that each does in its turn."""
    checkpoint_every_s: float = 0.0
    two_drivers: bool = False
    """Whether the command is given twice at the beginning, on two hosts."""
    zombies_go_on: bool = False
    """Whether those still alive go on beside the next run, or are killed."""
    last_host: str = "a"
    """Where the run is that nothing disturbs."""


def carry_out(schedule: Schedule) -> int:
    """The schedule, a run that nothing disturbs, `sync` twice. Gives the number of kills.

    Raises BrokenPromiseError.
    """
    with a_sweep() as (world, sweep):
        sweep.checkpoint_every_s = schedule.checkpoint_every_s
        records, runs = RecordsWatched(sweep.root), RunsWatched(sweep)
        runs.somebody_stood_still = any(_stands_still(event) for event in schedule.events)
        world.watched_by = [records, runs]
        sweep.run(WHOLE)
        if schedule.two_drivers:
            sweep.run(WHOLE, "b")
        for event in schedule.events:
            _happen(event, world, sweep, schedule.pace)
        if schedule.zombies_go_on:
            sweep.run(WHOLE)
            world.all_go_on(at_a_time=schedule.pace)
            world.continue_all()
            world.all_go_on(at_a_time=schedule.pace)
        world.kill_all()
        kills = world.kills

        done = {cell.key for cell in WHOLE.cells if sweep.cells.is_done(cell.key)}
        stored = {cell.key: sweep.cells.epochs_stored(cell.key) for cell in WHOLE.cells}
        sweep.trained.clear()
        began = world.clock
        sweep.run(WHOLE, schedule.last_host)
        world.all_go_on()
        promise(world.clock - began < LONGEST_WAIT_S, f"it took {world.clock - began:.0f} s, for nobody who lives")
        if schedule.checkpoint_every_s == 0:
            check_nothing_trained_twice(stored, done, sweep.trained)
        check_cells(sweep, undisturbed()["bits"])
        # That a driver on another host is dead is known by its silence, and by clocks that agree.
        world.clock += SILENCE_S
        world.set_back.clear()
        sweep.sync()
        world.all_go_on()
        check_record(sweep, undisturbed()["shown"])

        before = sweep.mlflow.snapshot()
        sweep.sync()
        world.all_go_on()
        promise(sweep.mlflow.snapshot() == before, "sync, given again, changed something")
    return kills


def shortened(schedule: Schedule) -> Schedule:
    """Of a schedule that breaks a promise: the same without the events that it takes none of to do so."""
    for number in reversed(range(len(schedule.events))):
        shorter = replace(schedule, events=schedule.events[:number] + schedule.events[number + 1 :])
        try:
            carry_out(shorter)
        except BrokenPromiseError:
            schedule = shorter
    return schedule


@contextmanager
def a_sweep() -> Iterator[tuple[World, Sweep]]:
    """A new world with an empty home in it."""
    folder = Path(tempfile.mkdtemp(prefix="seedwise-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
    world = World()
    sweep = Sweep(world, folder / "home")
    sweep.root.mkdir()
    try:
        with wired(world, sweep.root, sweep.trained):
            yield world, sweep
    finally:
        shutil.rmtree(folder)


@cache
def undisturbed() -> dict[str, Any]:
    """What a run leaves that nothing disturbs: the cells' `bits`, and what is `shown` by MLflow."""
    with a_sweep() as (world, sweep):
        sweep.run(WHOLE)
        world.all_go_on()
        return {"bits": sweep.bits(), "shown": what_mlflow_shows(sweep), "operations": world.operations}


def _stands_still(event: Event) -> bool:
    match event:
        case Befall(_, Strike.STOP, _) | SetBack():
            return True
        case Elapse(seconds):
            return seconds >= EXPIRES_AFTER_S
    return False


def _happen(event: Event, world: World, sweep: Sweep, pace: int) -> None:
    if not any(process.name == "driver" and not process.stopped for process in world.living()):
        sweep.run(WHOLE)  # beside the workers that the one before has left
    match event:
        case Go(operations):
            world.all_go_on(operations, pace)
        case Befall(who, strike, operations):
            process = world.living()[who % len(world.living())]
            process.strike, process.strike_in = strike, operations
            world.all_go_on(LONGEST_GO, pace, until=lambda: process.strike is None or not process.lives)
        case Kill(who):
            world.kills += 1
            world.kill(world.living()[who % len(world.living())])
        case Ask():
            sweep.ask_to_stop()
        case Continue():
            world.continue_all()
        case Elapse(seconds):
            world.clock += seconds
        case SetBack(host, seconds):
            world.set_back[host] = seconds
        case Command("sync", host):
            sweep.sync(host)
        case Command("run smaller", host):
            sweep.run(SMALLER, host)
        case Command("run --retry-diverged", host):
            sweep.run(WHOLE, host, retry_diverged=True)
        case Command(_, host):
            sweep.run(WHOLE, host)
