"""One full pass over a sweep's runs, for a command that has nothing else to do.

In: the home, a sweep's name, a tracking URI. Out: how far MLflow has come.
"""

from collections.abc import Callable
from pathlib import Path

from orchestrator.record.open_servers import forget_shown
from orchestrator.record.reading import begun_cells
from orchestrator.record.refusals import in_words
from orchestrator.record.sync import RecordState, open_record
from orchestrator.store import Home
from trainables.errors import UserError


def sync_sweep(
    home: Home,
    sweep: str,
    tracking_uri: str | None = None,
    *,
    note: str | None = None,
    report: Path | None = None,
    stop: Callable[[], object] = lambda: False,
) -> RecordState:
    """One full pass. `note`: the parent's description (Markdown). `report`: a folder to be logged with it.

    Raises UserError; an MLflow that fails is told by what it gives.
    """
    uri = tracking_uri or home.tracking_uri
    try:
        state = open_record(home, sweep, uri).record_all(note, report, stop=stop)
        if not state.error:
            forget_shown(home, sweep, uri)
        return state
    except UserError:
        raise
    except Exception as error:
        return RecordState(0, len(begun_cells(home, sweep)), in_words(error))
