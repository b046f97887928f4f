"""What `seedwise sync` does: record in MLflow what is missing there, with the report as it stands."""

import sys
from pathlib import Path
from typing import NoReturn

import typer

from orchestrator.cli.comparison import note_look
from orchestrator.cli.place import usable_home, writing_in
from orchestrator.record import reachable, sync_sweep
from orchestrator.report import compose, note, outcome_of, write_report
from orchestrator.results import ResultTable
from orchestrator.run.stopping import StopRequested, StopSwitch


def catch_up(sweep: str, home: Path | None, store: str | None, tracking_uri: str | None) -> None:
    """Leaves with 0 if all is recorded, with 1 if not, or with a signal's code.

    The first signal lets it finish the run that is being written, and close what is shown as RUNNING.
    """
    switch = StopSwitch()
    try:
        with switch.installed():
            switch.end_process_in_time()
            _catch_up(sweep, home, store, tracking_uri, switch)
    except StopRequested:
        print(f"{switch.reason}; nothing that was stored is lost, and the same command goes on", file=sys.stderr)
        raise typer.Exit(switch.exit_code) from None


def _catch_up(
    sweep: str, home: Path | None, store: str | None, tracking_uri: str | None, switch: StopSwitch
) -> NoReturn:
    place = usable_home(home, store)
    table = ResultTable.of(place, sweep)
    place.remember_store()
    reachable(tracking_uri or place.tracking_uri)
    outcome = outcome_of(table)
    with writing_in(place, "the report"):
        note_look(outcome, table)
        report = compose(table, outcome)
        page = write_report(report, place.reports(sweep))
    with switch.polled():
        state = sync_sweep(
            place, sweep, tracking_uri, note=note(report), report=page.parent, stop=lambda: switch.reason
        )
    error = state.error.partition("\n")[0]
    print(f"{state.recorded} cells are recorded, {state.behind} are not {error:.300}".rstrip())
    if state.notice:
        print(state.notice)
    switch.raise_if_asked()
    raise typer.Exit(int(bool(state.error)))
