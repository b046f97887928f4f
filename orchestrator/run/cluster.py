"""Ray, quietly: a local one of our own, or the cluster at an address.

Ray's and Tune's noise is either switched off or goes to a log file. A local start never joins a cluster that
happens to run on this machine, and writes nothing into the user's HOME.
"""

import contextlib
import gc
import logging
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

# Ray reads these when it is imported.
os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")
os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")

import ray

from orchestrator.environment import usable_cores
from orchestrator.run.local_ray import LocalRay
from orchestrator.run.stopping import handlers_kept, signals_kept
from orchestrator.spec import Resources
from trainables.disk import LEAST_FREE, free, no_space
from trainables.errors import MachineError

TRIALS_PER_GPU = 8
"""`gpus: auto` puts at most so many trials on one card."""

ANSWER_TIMEOUT_S = 5.0
"""How long a cluster's head may take to accept a connection."""


@dataclass(frozen=True)
class Node:
    """A machine of the cluster and what it can give."""

    name: str
    cpus: float
    gpus: float
    id: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {seats(self.cpus, self.gpus)}"


def seats(cpus: float, gpus: float, between: str = ", ") -> str:
    """`1 CPU, 0.5 GPUs`."""
    return f"{cpus:g} CPU{'' if cpus == 1 else 's'}{between}{gpus:g} GPU{'' if gpus == 1 else 's'}"


@contextlib.contextmanager
def running_ray(
    address: str | None,
    log: Path,
    heard: Callable[[int], None] | None = None,
    lost: Callable[[str], None] = lambda why: None,
    before_end: Callable[[], object] = lambda: None,
) -> Iterator[tuple[Node, ...]]:
    """Ray while inside; gives the nodes. Everything printed inside goes to `log`. Raises MachineError.

    `heard`: called with each signal that comes while Ray starts, in another thread; without it they wait.
    `lost`: called, in another thread, where Ray on this machine dies while inside; `before_end`, before the process
    is then ended without having come to its end in order.
    """
    with (
        _opened(log) as stream,
        contextlib.redirect_stdout(stream),
        contextlib.redirect_stderr(stream),
    ):
        local: LocalRay | None = None
        try:
            with signals_kept(heard):  # for Ray puts handlers of its own over ours
                if address is None:
                    _check_room()
                    local = LocalRay(lambda: _start(None), lost, before_end)
                else:
                    _start(address)
        except MachineError:
            raise
        except Exception as error:
            what = f"the Ray cluster at {address} cannot be joined" if address else "Ray cannot be started"
            remedy = "; mend --address, or leave it out for Ray on this machine" if address else ""
            if "AF_UNIX" in str(error):  # the names of sockets may not be long, and TMPDIR often is in a Slurm job
                remedy = "; name a folder with a shorter path for its files, e.g. RAY_TMPDIR=/tmp"
            raise MachineError(f"{what} ({str(error)[:200]}){remedy}; its log: {log}") from error
        try:
            yield tuple(
                Node(
                    n["NodeManagerHostname"],
                    n["Resources"].get("CPU", 0),
                    n["Resources"].get("GPU", 0),
                    n["NodeID"],
                )
                for n in ray.nodes()
                if n["Alive"]
            )
        finally:
            # Ray, as it ends, gives SIGTERM back to the system, which would end the process unheard.
            with _no_garbage_collected(), handlers_kept():
                if local is None:
                    ray.shutdown()
                else:
                    local.shutdown()


@contextlib.contextmanager
def _no_garbage_collected() -> Iterator[None]:
    """For Ray ends the whole process where, while it shuts down, a reference into it goes in another thread.

    Tune leaves such references in cycles, and the recorder, busy in its thread, was seen to collect them.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _opened(log: Path) -> IO[str]:
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return log.open("a", buffering=1)
    except OSError as error:
        raise MachineError(
            f"the log {log} cannot be written: {error.strerror or error}; choose another place with --home"
        ) from error


def trial_resources(wanted: Resources, nodes: tuple[Node, ...]) -> dict[str, float]:
    """CPUs and GPU share of a trial, such that at least one node can seat it. Raises MachineError."""
    gpus = wanted.gpus
    if gpus == "auto":
        gpus = _gpu_share(wanted.cpus, nodes)
    if not any(node.cpus >= wanted.cpus and node.gpus >= gpus for node in nodes):
        there = "; ".join(map(str, nodes))
        raise MachineError(
            f"resources: a trial asks for {seats(wanted.cpus, gpus, ' and ')}, which no node has ({there}); "
            "lower resources.cpus or resources.gpus, or join a larger cluster with --address"
        )
    return {"cpu": wanted.cpus, "gpu": gpus}


def _gpu_share(cpus_per_trial: int, nodes: tuple[Node, ...]) -> float:
    """An even share of a card for as many trials as a node's CPUs seat, at least an eighth.

    Nodes may differ, and every trial asks for the same: the smallest of their shares, for with it each node seats
    as many as with its own. More than its processors can feed are not seated there, however small the share. 0
    where no node has both a card and the CPUs of a trial.
    """
    shares = [
        1 / max(1, min(TRIALS_PER_GPU, int(node.cpus / cpus_per_trial / node.gpus)))
        for node in nodes
        if node.gpus and node.cpus >= cpus_per_trial
    ]
    return min(shares, default=0.0)


def _check_answers(address: str) -> None:
    """Raise MachineError at once for a head that is not there: Ray tries for minutes, and prints meanwhile."""
    if address.startswith("ray://"):
        raise MachineError(
            f"--address {address}: Ray Client cannot carry a sweep; start seedwise on a machine of the cluster "
            "with --address auto, or name the head's own port, e.g. 10.0.0.1:6379"
        )
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return  # `auto`, and what only Ray can read
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWER_TIMEOUT_S).close()
    except (OSError, OverflowError) as error:
        raise MachineError(
            f"no Ray cluster answers at {address} ({error}); start its head with `ray start --head --port {port}`, "
            "mend the address, or leave --address out for Ray on this machine"
        ) from error


def _check_room() -> None:
    """Raise MachineError where Ray's own files find no place: Ray tries for minutes, and says nothing of it."""
    named = next((name for name in ("RAY_TMPDIR", "TMPDIR") if os.environ.get(name)), None)
    folder = Path(os.environ[named] if named else "/tmp")
    if free(folder) < LEAST_FREE:
        raise MachineError(
            f"Ray cannot be started, for it keeps files in {folder}, and {no_space(folder)}; free some, or name "
            f"another folder with {named or 'TMPDIR'}"
        )


def _workers_path() -> str:
    """Workers import this project from where the driver does, installed or not, and all else from their own."""
    project = str(Path(__file__).parents[2])
    # Each node puts in its own. Where it is empty, as it then probably is on the nodes, nothing may stand after the
    # colon: an empty entry is the worker's folder, in which a user's random.py would pass for Python's.
    return f"{project}{os.pathsep}${{PYTHONPATH}}" if os.environ.get("PYTHONPATH") else project


def _start(address: str | None) -> None:
    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is None:
        # A token of our own, which Ray then uses: otherwise Ray writes one into HOME, and fails where it cannot.
        # One for the whole process: Ray reads it once, so that a second start with another would lock itself out.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        options |= {"include_dashboard": False, "num_cpus": usable_cores()}  # Ray would count all there are
    else:
        _check_answers(address)
    options["runtime_env"] = {"env_vars": {"PYTHONPATH": _workers_path()}}
    ray.init(address=address or "local", **options)
