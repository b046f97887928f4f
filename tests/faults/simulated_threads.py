"""Threads, events and locks for the tasks of a simulated process, in place of the system's."""

import contextlib
from collections.abc import Callable
from typing import Any

from simulated_machines import World
from simulated_processes import Task


class SimulatedThreading:
    """What stands in for the module `threading` where threads are to be tasks."""

    def __init__(self, world: World):
        class Event:
            def __init__(self) -> None:
                self._set = False

            def set(self) -> None:
                self._set = True

            def is_set(self) -> bool:
                return self._set

            def wait(self, timeout: float | None = None) -> bool:
                return world.wait(self.is_set, timeout)

        class Condition(contextlib.nullcontext[None]):
            """Nobody else runs while a task does, so that it protects nothing."""

            def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> bool:
                return world.wait(lambda: bool(predicate()), timeout)

            def notify_all(self) -> None:
                return

        class Lock:
            """Dies with its process, all of whose tasks share it."""

            def __init__(self) -> None:
                self._held = False

            def acquire(self, timeout: float) -> bool:
                taken = world.wait(lambda: not self._held, timeout)
                self._held |= taken
                return taken

            def release(self) -> None:
                self._held = False

        class Thread:
            def __init__(self, target: Callable[[], object], name: str, daemon: bool):
                assert daemon
                self._target, self._name = target, name
                self._task: Task | None = None

            def start(self) -> None:
                self._task = world.spawn(world.here, self._name, self._target)

            def is_alive(self) -> bool:
                return self._task is not None and not self._task.over

            def join(self, timeout: float | None = None) -> None:
                world.wait(lambda: not self.is_alive(), timeout)

        self.Event, self.Condition, self.Lock, self.Thread = Event, Condition, Lock, Thread
