"""What `seedwise ui` does: say where the runs are shown, and become MLflow's server."""

import os
import socket
from pathlib import Path

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
    for sweep, page in run_pages(uri, SweepStore(place.store()).names()).items():
        print(f"{sweep}: {host}{page}")
    print(f"{host} (Ctrl-C ends it)", flush=True)
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
