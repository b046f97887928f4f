"""The word from the driver to all trials that they are to stop, wherever they run.

Tune has none: it ends a trial between two steps, or kills it. So there is an actor beside the driver that every
worker asks once and that answers when the time has come.

It is a process like any other: memory may run out and the kernel choose it, a connection may break. So Ray starts
it anew, and a worker that gets no answer asks again. Only where Ray will never start it again does the worker stop.
"""

import asyncio
import contextlib
import threading
import time

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

MOST_TRIALS = 100_000
"""At once; each of them waits at the actor."""
ASK_AGAIN_S = 1.0
ANSWERS_WITHIN_S = 10.0
"""Of an actor that is there."""


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
        actor = ray.remote(num_cpus=0, max_concurrency=MOST_TRIALS, max_restarts=-1, scheduling_strategy=here)(
            _Flag
        )
        self.actor = actor.remote()

    def set(self) -> None:
        """Ask all trials to stop; returns at once. To be repeated: one that is started anew has forgotten it."""
        self.actor.set.remote()


class StopWatch:
    """A worker's end: waits for the flag in a thread of its own."""

    def __init__(self, flag: StopFlag):
        self.stopped = threading.Event()
        self._flag = flag
        # A worker that comes up after the word was given must not begin a cell before its thread has heard.
        with contextlib.suppress(Exception):
            if ray.get(flag.actor.is_raised.remote(), timeout=ANSWERS_WITHIN_S):
                self.stopped.set()
        threading.Thread(target=self._wait, name="stop watch", daemon=True).start()

    def _wait(self) -> None:
        while True:
            try:
                ray.get(self._flag.actor.raised.remote())
            except ray.exceptions.ActorDiedError:  # for good: nobody could ask this worker to stop any more
                pass
            except Exception:  # it cannot be reached now, which says nothing
                time.sleep(ASK_AGAIN_S)
                continue
            self.stopped.set()
            return
