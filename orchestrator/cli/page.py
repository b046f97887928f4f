"""What `seedwise ui` does: say where the runs are shown, and become MLflow's server."""

import os
from pathlib import Path

from orchestrator.record import run_pages, ui_command
from orchestrator.store import Home, SweepStore


def serve_page(home: Path | None, tracking_uri: str | None, port: int) -> None:
    """Replaces this process, so that Ctrl-C reaches the server."""
    place = Home.at(home)
    uri = tracking_uri or place.tracking_uri
    command = ui_command(uri, place.artifacts, port=port)
    host = f"http://127.0.0.1:{port}"
    for sweep, page in run_pages(uri, SweepStore(place.store()).names()).items():
        print(f"{sweep}: {host}{page}")
    print(f"{host} (Ctrl-C ends it)", flush=True)
    os.execvp(command[0], command)
