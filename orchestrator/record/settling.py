"""Closes the runs that a driver left as RUNNING when it was killed: by whichever command opens the home next.

In: a home. Out: its embedded database, and servers that killed drivers recorded at, where no run is RUNNING any
more unless a driver of its sweep lives. What there is to do is seen without MLflow, so that a command pays for it
only where there is something. A server that does not answer is not waited for: the next command asks it again.
"""

import contextlib
import threading
import time

from orchestrator.record.database import file_of, shown_running
from orchestrator.record.home_id import known_home_id
from orchestrator.record.lock import RecordHeldError
from orchestrator.record.open_servers import Shown, forget_shown, noted_shown
from orchestrator.record.reachable import UnreachableError, reachable
from orchestrator.record.refusals import in_words
from orchestrator.record.sync import open_record
from orchestrator.store import Home, living_drivers

SERVER_ANSWERS_S = 3.0


def settle(home: Home, deadline_s: float = 30.0) -> str:
    """Close what is shown as RUNNING and does not run. Never raises, never waits longer.

    Gives a sentence for the user where it could not be done; empty if it was, or there was nothing to do.
    """
    problems: list[str] = []
    # In a thread of its own: MLflow's waiting, for one, cannot be given a time limit.
    closing = threading.Thread(target=_close_all, args=(home, problems), name="settle", daemon=True)
    try:
        if not left_running(home) and not left_at_servers(home):
            return ""
        closing.start()
        closing.join(deadline_s)
        if closing.is_alive():
            problems.append(f"MLflow did not keep up within {deadline_s:g} s")
    except Exception as error:  # the command that asked has something else to do
        problems.append(in_words(error))
    if not problems:
        return ""
    return (
        "runs that an interrupted sweep has left RUNNING in MLflow, if there are any, could not be closed "
        f"({problems[0].splitlines()[0]:.300}); the next command tries again"
    )


def left_running(home: Home) -> set[str]:
    """The sweeps of this home with runs that are shown as RUNNING, and without a living driver."""
    path = file_of(home.tracking_uri)
    shown = set() if path is None else shown_running(path)
    if not shown:
        return set()
    store, now = home.store(), time.time()
    own = known_home_id(store)
    return {sweep for owner, sweep in shown if owner == own and not living_drivers(store, sweep, now)}


def left_at_servers(home: Home) -> list[Shown]:
    """Sweeps that killed drivers recorded at servers, and that no living one looks after."""
    store, now = home.store(), time.time()
    return [shown for shown in noted_shown(home) if not living_drivers(store, shown.sweep, now)]


def _close_all(home: Home, problems: list[str]) -> None:
    for sweep in sorted(left_running(home)):
        _close(home, sweep, home.tracking_uri, problems)
    for shown in left_at_servers(home):
        with contextlib.suppress(UnreachableError):
            reachable(shown.uri, SERVER_ANSWERS_S)
            if _close(home, shown.sweep, shown.uri, problems):
                forget_shown(home, shown.sweep, shown.uri)


def _close(home: Home, sweep: str, uri: str, problems: list[str]) -> bool:
    """Whether it is done; else by somebody else, or a problem."""
    try:
        said = open_record(home, sweep, uri, wait_s=0).close()
    except RecordHeldError:  # whoever has it in hand closes it
        return False
    except Exception as error:  # MLflow and its database have errors of many kinds
        said = in_words(error)
    if said:
        problems.append(f"{sweep}: {said}")
    return not said
