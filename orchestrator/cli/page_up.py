"""Says where MLflow's page is, as soon as it is there; run beside the process that has become its server.

`python -m orchestrator.cli.page_up SERVER PORT WHERE LINE...`, a child of the process with the id SERVER, waits
until something listens at the port of this machine, and prints the lines. WHERE ends the sentence that is said if
nothing does. It imports next to nothing, for it starts while MLflow does.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable

LONGEST_WAIT_S = 300.0
TURN_S = 0.1


def announce(port: int, where: str, lines: list[str], serves: Callable[[], bool], wait_s: float) -> None:
    """Print the lines once the port answers; a note on standard error where it does not.

    `serves`: whether the process that is to serve there is alive.
    """
    ends = time.monotonic() + wait_s
    while serves() and time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                print("\n".join(lines), flush=True)
                return
        time.sleep(TURN_S)
    what = f"is not there after {wait_s:.0f} s" if serves() else "has ended before it was there"
    print(f"MLflow's page {what}{where}", file=sys.stderr)


def main() -> None:
    """As a child of the server; without a word where Ctrl-C ends both."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    server, port, where, *lines = sys.argv[1:]
    # Its id is given: asked for here, it would be another's where the server has ended before this line.
    announce(int(port), where, lines, lambda: os.getppid() == int(server), LONGEST_WAIT_S)


if __name__ == "__main__":
    main()
