"""What `seedwise ui` does: become MLflow's server, and have it said where the runs are once it answers."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, NoReturn

from orchestrator.record import reachable, run_pages, ui_command
from orchestrator.store import Home, SweepStore
from trainables.errors import MachineError, UserError


def serve_page(home: Path | None, tracking_uri: str | None, port: int) -> None:
    """Replaces this process, so that Ctrl-C reaches the server."""
    place = Home.at(home)
    uri = tracking_uri or place.tracking_uri
    if tracking_uri is None and not place.database.exists():  # MLflow would make an empty one
        raise UserError(
            f"nothing has been recorded in {place.root}; run a sweep first, or name its home with --home"
        )
    command = ui_command(uri, place.artifacts, port=port)
    reachable(uri)
    _check_free(port)
    host = f"http://127.0.0.1:{port}"
    sweeps = run_pages(uri, SweepStore(place.store()).names())
    lines = [*(f"{sweep}: {host}{page}" for sweep, page in sweeps.items()), f"{host} (Ctrl-C ends it)"]
    said = _log(place.page_log)
    where = "" if said is None else f"; what its server says is in {place.page_log}"
    print(f"MLflow's page takes some seconds to start{where}", flush=True)
    _announce(port, where, lines)
    _become(command, said)


def _announce(port: int, where: str, lines: list[str]) -> None:
    """In a process of its own, which says so when the page is there."""
    server = str(os.getpid())  # which it is to be
    subprocess.Popen([sys.executable, "-m", "orchestrator.cli.page_up", server, str(port), where, *lines])


def _log(path: Path) -> IO[bytes] | None:
    """Where the server is to say what it has to say, which tells a user of the page nothing.

    None, for standard error, where the home cannot be written: its runs can be looked at all the same.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")
    except OSError:
        return None


def _become(command: list[str], said: IO[bytes] | None) -> NoReturn:
    if said is not None:
        for stream in (1, 2):
            os.dup2(said.fileno(), stream)
    os.execvp(command[0], command)


def _check_free(port: int) -> None:
    """Raise MachineError where another program serves already: MLflow would say so in a traceback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise MachineError(
                f"port {port} cannot be served on ({error.strerror}); choose another with --port"
            ) from error
