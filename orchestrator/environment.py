"""What a cell or a sweep ran on: kept beside its results, never in its key."""

import importlib.metadata
import os
import platform
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from orchestrator.reached import START, Reached

CHANGE_BITS = ("seedwise", "python", "torch", "numpy")
"""Of these, another version may compute other bits; other packages only record, or are in the cell's key."""
PACKAGES = ("seedwise", "torch", "ray", "mlflow", "numpy", "tiktoken", "datasets")


def versions() -> dict[str, str]:
    """Installed versions of what can change a number or a record."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def hardware() -> dict[str, str]:
    """This machine: processor, cores, memory."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "host": socket.gethostname(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu_model(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory_gib:.0f} GiB",
    }


def usable_cores() -> int:
    """Cores that this process may use; fewer than there are in a container, under taskset or in a Slurm job."""
    import joblib  # here, for it takes a while

    cores: int = joblib.cpu_count()
    return cores


def device_name(device: str) -> str:
    """The processor that a cell trains on, e.g. `NVIDIA H200`."""
    import torch  # here, so that asking for versions does not cost torch's import

    return torch.cuda.get_device_name(device) if device.startswith("cuda") else _cpu_model()


def cell_environment(device: str, threads: int) -> dict[str, Any]:
    """What a cell's bits may depend on beyond its settings."""
    return {"device": device_name(device), "threads": threads, "versions": versions(), "hardware": hardware()}


@dataclass(frozen=True)
class Move:
    """A cell went on in an environment of another kind."""

    reached: Reached
    """How far it had come where it was before; START where it began again, and only records of it have stayed."""
    changes: tuple[str, ...]
    """`threads 1 → 2`, `torch 2.12.0 → 2.13.0`"""
    epochs_stored: int = 0
    """Where it began again: of how many epochs there were records, which stay what they are."""

    @property
    def place(self) -> str:
        """`after epoch 2`, `in epoch 3`, `after the record of epoch 2`"""
        return f"after the record of epoch {self.epochs_stored}" if self.epochs_stored else str(self.reached)

    def __str__(self) -> str:
        return f"{self.place}: {', '.join(self.changes)}"


def moves(sessions: Sequence[Mapping[str, Any]]) -> list[Move]:
    """How a cell's environment changed on the way to where it is, by all its sessions in their order.

    From there its bits may differ from those of a cell that was trained in one place. A session of which nothing
    was left, because the next one began where it had, or before, and found no epoch that it had stored, does not
    count.
    """
    counted: list[Mapping[str, Any]] = []
    for session in reversed(sessions):
        if (
            not counted
            or Reached.of(session) < Reached.of(counted[-1])
            or _epochs_stored(session) < _epochs_stored(counted[-1])
        ):
            counted.append(session)
    found = []
    for before, after in pairwise(reversed(counted)):
        was, now = _kind(before.get("environment", {})), _kind(after.get("environment", {}))
        changes = tuple(
            f"{what} {was[what]} → {now[what]}" for what in was if was[what] != now.get(what, was[what])
        )
        if changes:
            reached = Reached.of(after)
            found.append(Move(reached, changes, _epochs_stored(after) if reached == START else 0))
    return found


def _epochs_stored(session: Mapping[str, Any]) -> int:
    """When it began; an earlier version noted only the epochs that it went on from."""
    return int(session.get("epochs_stored", session.get("epochs_done", 0)))


def _kind(environment: Mapping[str, Any]) -> dict[str, str]:
    """What of an environment may change a bit: two machines of one kind are the same."""
    versions, hardware = environment.get("versions", {}), environment.get("hardware", {})
    facts = {"device": environment.get("device"), "threads": environment.get("threads")}
    facts |= {"system": hardware.get("system")} | {package: versions.get(package) for package in CHANGE_BITS}
    return {what: str(fact) for what, fact in facts.items() if fact is not None}


def git_state(folder: Path) -> dict[str, str]:
    """Commit of the checkout that `folder` lies in, and whether it has changes; empty outside of one."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=10)
        return done.stdout.strip() if done.returncode == 0 else ""

    try:
        commit = git("rev-parse", "HEAD")
        return {"commit": commit, "dirty": str(bool(git("status", "--porcelain")))} if commit else {}
    except (OSError, subprocess.TimeoutExpired):
        return {}


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
