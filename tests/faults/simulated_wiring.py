"""Where the simulation stands in for the system below seedwise, and nowhere else: threads, clocks, the system calls
of the store, MLflow, and the training itself. Store, leases, the work on a cell and the recorder are the real ones.
"""

import json
import os
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from simulated_machines import World, disk_full
from simulated_threads import SimulatedThreading
from simulated_training import SmallTraining

from orchestrator.store import Lease, LocalStore, Presence, base
from trainables.config import CellConfig


@contextmanager
def wired(world: World, root: Path, trained: "Counter[float]") -> Iterator[None]:
    """While inside, every task of the world lives in it, and what it does below `root` are its operations.

    `trained` counts the steps that are trained, by the cell's learning rate.
    """
    threads = SimulatedThreading(world)
    clock = SimpleNamespace(
        time=world.now,
        monotonic=lambda: world.clock,
        sleep=world.sleep,
        strftime=time.strftime,
        localtime=time.localtime,
    )

    def training(config: CellConfig, *others: Any, **options: Any) -> SmallTraining:
        return SmallTraining(config, clock=world.now, trained=trained)

    instead: dict[str, Any] = {
        "orchestrator.store.lease.threading": threads,
        "orchestrator.store.lease.time": clock,
        "orchestrator.store.silence.time": clock,
        "orchestrator.store.holder.os": SimpleNamespace(getpid=lambda: world.here.pid),
        "orchestrator.store.holder.socket": SimpleNamespace(gethostname=lambda: world.here.host),
        "orchestrator.store.holder._boot_id": lambda: "booted once",
        "orchestrator.store.holder._start_ticks": lambda pid: "1" if world.lives(pid, world.here.host) else "",
        "orchestrator.run.cell_work.time": clock,
        "orchestrator.run.cell_work.CellTraining": training,
        "orchestrator.run.cell_work.cell_environment": _environment,
        "orchestrator.run.work_left.git_state": lambda folder: {},
        "orchestrator.run.work_left.versions": dict,
        "orchestrator.run.work_left.hardware": dict,
        "orchestrator.store.base._json": _remembering(base._json),
        "orchestrator.store.CellStore.of_each": lambda self, keys, read: {key: read(key) for key in keys},
        "orchestrator.record.recorder.threading": threads,
        "orchestrator.record.recorder.time": clock,
        "orchestrator.record.lock.threading": threads,
        "orchestrator.record.lock.time": clock,
        "orchestrator.record.lock._between_threads": {},
        "orchestrator.record.open_servers.time": clock,
        "orchestrator.record.sync.time": clock,
        "orchestrator.record.files.save_text_model": _copy_model,
        "tempfile.tempdir": str(root.parent),
    }
    for call in ("link", "replace", "unlink", "mkdir"):
        instead[f"os.{call}"] = _system_call(world, root, getattr(os, call))
    instead["os.fsync"] = _sync(world)
    for method in ("read", "names"):
        instead[f"orchestrator.store.LocalStore.{method}"] = _reading(world, getattr(LocalStore, method))
    for asks in (Lease, Presence):  # the system's clock, unless told otherwise
        instead[f"{asks.__module__}.{asks.__name__}.__init__.__defaults__"] = (world.now,)
    with _all_patched(instead):
        try:
            yield
        finally:
            world.kill_all()


def _system_call(world: World, root: Path, call: Callable[..., Any]) -> Callable[..., Any]:
    below = f"{root}{os.sep}"

    def operation(path: Any, *others: Any, **options: Any) -> Any:
        if not world.is_simulated() or not os.fspath(path).startswith(below):
            return call(path, *others, **options)
        refusal = None if call is UNLINK else disk_full
        return world.operation(lambda: call(path, *others, **options), refusal=refusal)

    return operation


UNLINK = os.unlink


def _sync(world: World) -> Callable[[int], None]:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        def halfway() -> None:
            os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)

        if not world.is_simulated():
            real(descriptor)
        elif stat.S_ISREG(os.fstat(descriptor).st_mode):
            world.operation(lambda: real(descriptor), halfway=halfway, refusal=disk_full)
        else:  # a folder
            world.operation(lambda: real(descriptor))

    return fsync


def _reading(world: World, method: Callable[..., Any]) -> Callable[..., Any]:
    def operation(self: LocalStore, name: str) -> Any:
        if not world.is_simulated():
            return method(self, name)
        return world.operation(lambda: method(self, name))

    return operation


def _remembering(encode: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """The same bytes, found again by a faster encoding: half of the time would go there."""

    known: dict[str, bytes] = {}

    def encoded(content: Any) -> bytes:
        key = json.dumps(content, sort_keys=True)
        if key not in known:
            known[key] = encode(content)
        return known[key]

    return encoded


def _environment(device: str, threads: int) -> dict[str, Any]:
    return {"device": device, "threads": threads, "versions": {}, "hardware": {}}


def _copy_model(folder: Path, cell: Path) -> None:
    folder.mkdir(parents=True)
    for file in cell.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())


@contextmanager
def _all_patched(instead: dict[str, Any]) -> Iterator[None]:
    patches = [patch(target, new) for target, new in instead.items()]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in reversed(patches):
            each.stop()
