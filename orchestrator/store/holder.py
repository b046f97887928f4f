"""A process as others see it in the store: which it is, and whether it still lives."""

import os
import socket
import time
from pathlib import Path

from trainables.settings import Settings

EXPIRES_AFTER_S = 60.0
"""A holder that has not renewed for so long is taken for dead, wherever it is."""

UNKNOWN = "unknown"
"""The start time of a process that lives and shows no more than that."""


class Holder(Settings):
    """A process that holds a lease."""

    host: str
    boot: str
    """Kernel boot id and namespace of processes: within these a number means one process."""
    pid: int
    started: str
    """The process's start time in kernel ticks: a later process may have the same pid."""
    since: float
    renewed: float
    released: bool = False

    @classmethod
    def this_process(cls, now: float) -> "Holder":
        host, pid = socket.gethostname(), os.getpid()
        return cls(host=host, boot=_boot_id(), pid=pid, started=_start_ticks(pid), since=now, renewed=now)

    def is_same_process(self, other: "Holder") -> bool:
        return (self.host, self.boot, self.pid, self.started) == (other.host, other.boot, other.pid, other.started)

    def is_gone(self, now: float) -> bool:
        """True if released, expired, or a process of this host that no longer lives."""
        if self.released or now - self.renewed > EXPIRES_AFTER_S:
            return True
        if self.host != socket.gethostname() or self.boot != _boot_id():
            return False  # another machine may bear the same name, and a container has numbers of its own
        return _start_ticks(self.pid) not in (self.started, UNKNOWN)

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.since))
        return f"process {self.pid} on {self.host}, since {since}"


def _boot_id() -> str:
    try:
        booted = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{booted} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # not Linux: the host's name alone then says whose numbers of processes these are
        return ""


def _start_ticks(pid: int) -> str:
    """The start time of a living process; empty if there is none. Zombies are dead."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # dead; or there is no /proc, or it hides what others run (hidepid)
        return UNKNOWN if _lives(pid) else ""
    return "" if fields[0] in "ZX" else fields[19]


def _lives(pid: int) -> bool:
    """Whether a process has that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is somebody else's
        return True
    return True
