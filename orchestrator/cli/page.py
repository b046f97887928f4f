"""What `seedwise ui` does: become MLflow's server."""

import os
from pathlib import Path

from orchestrator.record import ui_command
from orchestrator.store import Home


def serve_page(home: Path | None, tracking_uri: str | None, port: int) -> None:
    """Replaces this process, so that Ctrl-C reaches the server."""
    place = Home.at(home)
    command = ui_command(tracking_uri or place.tracking_uri, place.artifacts, port=port)
    print(f"http://127.0.0.1:{port} (Ctrl-C ends it)", flush=True)
    os.execvp(command[0], command)
