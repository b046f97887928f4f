"""The word from the driver to all trials that they are to stop, wherever they run.

Tune has none: it ends a trial between two steps, or kills it. So there is an actor beside the driver that every
worker asks once and that answers when the time has come. It dies with the driver, which is an answer, too: a worker
that outlives its driver stops, leaves a checkpoint and gives its cell back.
"""

import asyncio
import contextlib
import threading

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

MOST_TRIALS = 100_000
"""At once; each of them waits at the actor."""


class _Flag:
    def __init__(self) -> None:
        self._raised = asyncio.Event()

    async def raised(self) -> None:
        await self._raised.wait()

    async def is_raised(self) -> bool:
        return self._raised.is_set()

    async def set(self) -> None:
        self._raised.set()


class StopFlag:
    """The driver's end. Can be sent to workers."""

    def __init__(self) -> None:
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        actor = ray.remote(num_cpus=0, max_concurrency=MOST_TRIALS, scheduling_strategy=here)(_Flag)
        self.actor = actor.remote()

    def set(self) -> None:
        """Ask all trials to stop; returns at once."""
        self.actor.set.remote()


class StopWatch:
    """A worker's end: waits for the flag in a thread of its own."""

    def __init__(self, flag: StopFlag):
        self.stopped = threading.Event()
        self._flag = flag
        # A worker that comes up after the word was given must not begin a cell before its thread has heard.
        with contextlib.suppress(Exception):
            if ray.get(flag.actor.is_raised.remote()):
                self.stopped.set()
        threading.Thread(target=self._wait, name="stop watch", daemon=True).start()

    def _wait(self) -> None:
        with contextlib.suppress(Exception):  # then the actor is gone, and with it the driver
            ray.get(self._flag.actor.raised.remote())
        self.stopped.set()
