"""Locks, threads and events for tasks of simulated processes, in place of the system's."""

import contextlib
from collections.abc import Callable
from typing import Any

from simulated_machines import World
from simulated_processes import Process


class SimulatedLock:
    """A lock between processes, such as `filelock.FileLock`: a death frees it, as the kernel does."""

    def __init__(self, world: World, path: str, timeout: float):
        self.world, self.path, self.timeout = world, path, timeout

    def __enter__(self) -> "SimulatedLock":
        me = self.world.here
        if not self.world.wait(lambda: self._holder() in (None, me), self.timeout):
            raise TimeoutError(f"{self.path} is held by another process")
        _, times = self.world.locks.get(self.path, (me, 0)) if self._holder() is me else (me, 0)
        self.world.locks[self.path] = (me, times + 1)
        return self

    def __exit__(self, *_: object) -> None:
        me = self.world.here
        if self._holder() is me:
            _, times = self.world.locks.pop(self.path)
            if times > 1:
                self.world.locks[self.path] = (me, times - 1)

    def _holder(self) -> Process | None:
        holder, _ = self.world.locks.get(self.path, (None, 0))
        return holder if holder is not None and holder.lives else None


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

        class Thread:
            def __init__(self, target: Callable[[], object], name: str, daemon: bool):
                assert daemon
                self._target, self._name = target, name

            def start(self) -> None:
                self._task = world.spawn(world.here, self._name, self._target)

            def join(self, timeout: float | None = None) -> None:
                world.wait(lambda: self._task.over, timeout)

        self.Event, self.Condition, self.Thread = Event, Condition, Thread
