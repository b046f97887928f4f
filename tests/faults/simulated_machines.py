"""Machines on which processes live, freeze and die as a schedule says, all in one process and within milliseconds.

In: programs (functions), and who is to be struck when. Each program is a task of a simulated process on a simulated
host. Every operation on the store or on MLflow is a point at which its turn may end: the process freezes there, or
dies before it, after it or in the middle of it, or the operation is refused. Time is simulated too. It goes on by
itself only while everybody waits.
"""

import errno
import os
import threading
from collections.abc import Callable
from typing import Any

from simulated_processes import BrokenPromiseError, Killed, Process, Strike, Task

T0 = 1_700_000_000.0
OPERATION_S = 0.001
MOST_TURNS = 20_000
"""More than any sweep here takes: somebody waits for what will never be."""
PATIENCE_S = 1000.0
NO_END = 10**9


class World:
    """All processes, their clock, and what they do to each other."""

    def __init__(self) -> None:
        self.clock = T0
        self.set_back: dict[str, float] = {}
        """By host, how many seconds its clock shows too few."""
        self.tasks: list[Task] = []
        self.watched_by: list[Callable[[], None]] = []
        """Called when everybody has had a turn, and when somebody has died."""
        self.kills = 0
        """By the schedule."""
        self.operations = 0
        self._by_thread: dict[int, Task] = {}
        self._processes: list[Process] = []
        self._back = threading.Semaphore(0)
        self._turns = 0

    # What the schedule does

    def start(self, host: str, name: str, program: Callable[[], object]) -> Process:
        """A new process."""
        process = Process(1000 + len(self._processes), host, name)
        self._processes.append(process)
        self.spawn(process, name, program)
        return process

    def spawn(self, process: Process, name: str, program: Callable[[], object]) -> Task:
        """A new thread of a process."""
        task = Task(process, f"{name} of {process.pid}", program, self._back)
        self._by_thread[task.thread.ident or 0] = task
        process.tasks.append(task)
        self.tasks.append(task)
        return task

    def turn(self, task: Task, operations: int) -> None:
        """Let a task do so many operations."""
        self._turns += 1
        if self._turns > MOST_TURNS:
            raise BrokenPromiseError("this never ends: " + ", ".join(t.name for t in self.tasks if not t.over))
        task.left, process = operations, task.process
        task.give_turn()
        self._bury()
        if task.error is not None:
            raise task.error
        if not process.lives:
            self.watch()

    def can_go_on(self) -> list[Task]:
        """The tasks that do not wait for anything, in the order of their start."""
        self._bury()
        return [task for task in self._going() if task.ready() or self._is_awake(task)]

    def all_go_on(
        self, operations: int = NO_END, at_a_time: int = 25, until: Callable[[], bool] = lambda: False
    ) -> None:
        """Everybody in turn, until so many operations are done in all, it is so, or all are over or stopped.

        While all wait, time passes. Who waits for one that is stopped may wait for ever, and is left to it.
        """
        last, patience_ends = self.operations + operations, self.clock + PATIENCE_S
        while self._going() and self.operations < last and not until():
            if self.clock > patience_ends and len(self._going()) < len(self.tasks):
                return
            for task in self.can_go_on():
                if task.process.lives and not task.over and not task.process.stopped and not until():
                    self.turn(task, at_a_time)
            self.watch()
            if not self.can_go_on() and not self._pass_time():
                return

    def continue_all(self) -> None:
        """Thaw whoever is stopped."""
        for process in self._processes:
            process.stopped = False

    def kill(self, process: Process) -> None:
        """From outside, wherever it is."""
        if process.lives:
            process.alive, process.died_at = False, self.clock

    def watch(self) -> None:
        """Look whether a promise is broken just now."""
        for watcher in self.watched_by:
            watcher()

    def kill_all(self) -> None:
        for process in self._processes:
            self.kill(process)
        self._bury()

    # What the processes do

    @property
    def here(self) -> Process:
        """The process whose turn it is."""
        return self._by_thread[threading.get_ident()].process

    def is_simulated(self) -> bool:
        return threading.get_ident() in self._by_thread

    def living(self) -> list[Process]:
        """The oldest first."""
        return [process for process in self._processes if process.lives]

    def lives(self, pid: int, host: str) -> bool:
        return any(p.pid == pid and p.host == host and p.lives for p in self._processes)

    def now(self) -> float:
        """The clock of the host."""
        return self.clock - self.set_back.get(self.here.host, 0.0)

    def operation(
        self,
        do: Callable[[], Any],
        *,
        halfway: Callable[[], object] | None = None,
        refusal: Callable[[], Exception] | None = None,
        answers: bool = False,
    ) -> Any:
        """One operation, unless the turn ends here.

        `halfway` does half of it, where there are halves; `refusal` is raised where it can be refused; `answers`:
        it is MLflow's, whose answer may be lost on the way.
        """
        task = self._by_thread[threading.get_ident()]
        process = task.process
        while self._alive(task) and (task.left == 0 or process.stopped):
            task.hand_back()
        task.left -= 1
        self.clock += OPERATION_S
        self.operations += 1
        strike = self._strike(process, halfway is not None, refusal is not None, answers)
        if strike is None:
            return do()
        if strike is Strike.STOP:
            process.stopped = True
            task.hand_back()
            return self.operation(do, halfway=halfway, refusal=refusal, answers=answers)
        if strike is Strike.REFUSE and refusal is not None:
            raise refusal()
        if strike is Strike.KILL_WITHIN and halfway is not None:
            halfway()
        if strike in (Strike.LOSE_ANSWER, Strike.KILL_AFTER):
            do()
        if strike is Strike.LOSE_ANSWER:
            raise ConnectionError("the answer was lost")
        self.kills += 1
        self.kill(process)
        raise Killed

    def wait(self, ready: Callable[[], bool], timeout: float | None = None) -> bool:
        """Until it is so, or the time is up. Whether it is so."""
        task = self._by_thread[threading.get_ident()]
        task.wakes_at = None if timeout is None else self.clock + timeout
        task.ready = ready
        while self._alive(task) and not ready() and not self._is_awake(task):
            task.hand_back()
        task.ready, task.wakes_at = (lambda: True), None
        return ready()

    def sleep(self, seconds: float) -> None:
        self.wait(lambda: False, seconds)

    # Within

    def _strike(self, process: Process, has_halves: bool, may_be_refused: bool, answers: bool) -> Strike | None:
        """What befalls this operation of the process; it is over with that."""
        strike = process.strike
        needs = {Strike.KILL_WITHIN: has_halves, Strike.REFUSE: may_be_refused, Strike.LOSE_ANSWER: answers}
        if strike is None or not needs.get(strike, True):
            return None
        if process.strike_in > 0:
            process.strike_in -= 1
            return None
        process.strike = None
        return strike

    def _going(self) -> list[Task]:
        return [task for task in self.tasks if not task.process.stopped]

    def _pass_time(self) -> bool:
        """While all wait: until the first of them wakes, and three seconds at least. False if none ever will."""
        going = self._going()
        wakes = [task.wakes_at for task in going if task.wakes_at is not None]
        if wakes:
            self.clock = max(self.clock + 3.0, min(wakes))
        elif going and len(going) == len(self.tasks):
            raise BrokenPromiseError("all wait for ever: " + ", ".join(task.name for task in going))
        return bool(wakes)

    def _alive(self, task: Task) -> bool:
        """True, or Killed is raised."""
        if not task.process.alive:
            raise Killed
        return True

    def _is_awake(self, task: Task) -> bool:
        return task.wakes_at is not None and self.clock >= task.wakes_at

    def _bury(self) -> None:
        """Have the tasks of the dead unwind, none of whose operations happens, and forget those that are over."""
        for task in self.tasks:
            while not task.over and not task.process.lives:
                task.process.alive = False
                task.give_turn()
        for task in [task for task in self.tasks if task.over]:
            task.thread.join()
            self._by_thread.pop(task.thread.ident or 0, None)
            self.tasks.remove(task)


def disk_full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
