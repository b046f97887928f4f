"""What `seedwise report` does: the report of a sweep as it stands, in the home, in another folder, in MLflow."""

from pathlib import Path

from orchestrator.cli.comparison import note_look
from orchestrator.cli.place import usable_home, writing_in
from orchestrator.record import sync_sweep
from orchestrator.report import compose, note, outcome_of, write_report
from orchestrator.results import ResultTable
from orchestrator.store import LocalStore, StoreError
from trainables.errors import UserError


def report_now(
    sweep: str, out: Path | None, home: Path | None, store: str | None, tracking_uri: str | None
) -> None:
    """A verdict that it shows is noted as a look."""
    place = usable_home(home, store)
    table = ResultTable.of(place, sweep)
    outcome = outcome_of(table)
    report = compose(table, outcome)
    with writing_in(place, "the report"):
        unnoted = note_look(outcome, table)
        page = write_report(report, place.reports(sweep))
    print(f"report: {page}")
    if out is not None:
        print(f"copy: {_copied(page.parent, out) / page.name}")
    if unnoted:
        print(unnoted)
    if tracking_uri is None and not place.database.exists():
        return  # nothing has been recorded here, and a database is not what was asked for
    state = sync_sweep(place, sweep, tracking_uri, note=note(report), report=page.parent)
    if state.error:
        print(f"MLflow does not show it yet ({state.error.splitlines()[0]:.300}); seedwise sync {sweep} catches up")
    if state.notice:
        print(state.notice)


def _copied(folder: Path, out: Path) -> Path:
    """Each file replaces its forerunner at once, and what else lies there stays: after a kill there is no half
    page."""
    place = LocalStore(out.expanduser(), "--out")
    try:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                place.replace(str(file.relative_to(folder)), file.read_bytes())
    except StoreError as error:
        why = "it is a file, not a folder" if out.is_file() else str(error)
        raise UserError(f"--out {out}: the report cannot be copied there ({why}); it lies in {folder}") from error
    return place.root
