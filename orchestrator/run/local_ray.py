"""Ray on this machine alone: its processes live exactly as long as the driver wants them.

A signal that Slurm, systemd or a terminal sends to all processes of a job would end Ray's at once, and with them
the trials that the driver is about to ask for a last checkpoint. So Ray's processes are started with those signals
blocked (`stopping.signals_kept`), which whatever they start inherits; and since they then cannot be asked to end,
they are killed. Where the driver itself is killed, the kernel kills them with it, as Ray has asked it to.
"""

import contextlib
from collections.abc import Callable

import psutil
import ray

from orchestrator.run.ray_watch import RayWatch

STARTS = 3
"""Ray gives up where its agent takes over 15 s to load, as it may on a busy machine: a fixed time of Ray's."""


class LocalRay:
    """The processes of a Ray started by this one."""

    def __init__(
        self,
        start: Callable[[], None],
        lost: Callable[[str], None] = lambda why: None,
        before_end: Callable[[], object] = lambda: None,
    ):
        """Call `start`, which starts Ray, signals kept from it; again where it fails, for many a cause passes.

        `lost`: called, in another thread, where Ray has died by itself; the process then has seconds left.
        `before_end`: called so, too, where it has not come to its end by then.
        """
        self._others = set(psutil.Process().children(recursive=True))
        for left in reversed(range(STARTS)):
            try:
                start()
                break
            except Exception as error:
                _kill(self._processes())
                if not left:
                    raise
                print(f"Ray did not start ({error}); once more", flush=True)
        self._watch = RayWatch(self._processes(), lost, before_end)
        self._watch.start()

    def shutdown(self) -> None:
        """End Ray and every process of it, at once."""
        self._watch.ending()
        ours = self._processes()
        # Ray asks each of its processes to end and waits a second for it, in vain. It has no public way to be told
        # not to; where this one is gone, the end takes 5 s longer.
        with contextlib.suppress(AttributeError):
            node = ray._private.worker._global_node
            kill = node.kill_all_processes
            node.kill_all_processes = lambda **how: kill(**{**how, "allow_graceful": False})
        ray.shutdown()
        _kill(ours)  # workers would notice a second or two later
        self._watch.ended()

    def _processes(self) -> list[psutil.Process]:
        return [child for child in psutil.Process().children(recursive=True) if child not in self._others]


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
