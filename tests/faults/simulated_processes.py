"""A simulated process and its tasks: what runs, and only while it is its turn.

A task is a thread of its own that waits until it is given a turn. A dead process does nothing more: whatever its
tasks still try, in a `finally` for instance, does not happen.
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the process may catch it."""


class BrokenPromiseError(AssertionError):
    """What the campaign looks for."""


class Strike(Enum):
    """What may befall a process at an operation."""

    STOP = "it freezes before it (SIGSTOP), until it is told to continue"
    KILL_BEFORE = "it dies before it"
    KILL_WITHIN = "it dies in the middle of it: of a file, half is written"
    KILL_AFTER = "it dies after it"
    REFUSE = "the disk is full, or MLflow does not answer"
    LOSE_ANSWER = "MLflow does what was asked, and the answer is lost"


@dataclass(eq=False)
class Process:
    """A process, which lives until it dies or ends."""

    pid: int
    host: str
    name: str
    alive: bool = True
    died_at: float = math.inf
    stopped: bool = False
    strike: Strike | None = None
    strike_in: int = 0
    """After so many more of its operations of the kind that it can befall."""
    tasks: "list[Task]" = field(default_factory=list)

    @property
    def over(self) -> bool:
        """A process ends with its first task; the others are daemons."""
        return self.tasks[0].over

    @property
    def lives(self) -> bool:
        return self.alive and not self.over


class Task:
    """A thread of a simulated process: it runs only when it is given a turn."""

    def __init__(self, process: Process, name: str, program: Callable[[], object], back: threading.Semaphore):
        self.process, self.name, self._program, self._back = process, name, program, back
        self.over = False
        self.error: BaseException | None = None
        self.left = 0
        """Operations until its turn ends."""
        self.ready: Callable[[], bool] = lambda: True
        """Whether what it waits for has come; it cannot go on before."""
        self.wakes_at: float | None = None
        self._go = threading.Semaphore(0)
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    def give_turn(self) -> None:
        """Let it run until it hands back. Called by the world."""
        self._go.release()
        self._back.acquire()

    def hand_back(self) -> None:
        """Wait for the next turn. Called by the task itself."""
        self._back.release()
        self._go.acquire()

    def _run(self) -> None:
        self._go.acquire()
        try:
            if self.process.alive:
                self._program()
        except Killed:
            pass
        except BaseException as error:
            self.error = error
        finally:
            self.over = True
            self._back.release()
