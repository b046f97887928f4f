"""What `seedwise run` does where only MLflow lacks something: the report stands, so nothing is compared again.

So it is where the run before ended while MLflow was away, slow or locked, and where MLflow has lost runs since.
"""

from typing import NoReturn

import typer
from rich.console import Console

from orchestrator.cli.carry_out import RECORD_DEADLINE_S, print_record, record_deadline_when_stopped_s
from orchestrator.cli.last_word import LastWord, Word
from orchestrator.cli.next_steps import print_next_steps
from orchestrator.cli.run_command import RunCommand
from orchestrator.record import Recorder
from orchestrator.run.stopping import StopRequested, StopSwitch
from orchestrator.store import Home


def record_late(
    out: Console, command: RunCommand, place: Home, last: LastWord, word: Word, switch: StopSwitch
) -> NoReturn:
    """Bring MLflow up to date with what was said and reported; leaves with the exit code that was given then."""
    out.print("there is nothing to do but to record it: MLflow is brought up to date", soft_wrap=True)
    page = place.root / word.report
    switch.end_process_in_time()
    recorder = Recorder(place, last.plan.spec.name, command.tracking_uri)
    try:
        record = recorder.finish(RECORD_DEADLINE_S, note=word.note, report=page.parent)
    except StopRequested:
        recorder.finish(record_deadline_when_stopped_s(switch))
        raise
    finally:
        recorder.leave()
    if not record.error:
        last.note_recorded(word)
    print_record(out, record)
    out.print(f"report: {page}", markup=False, soft_wrap=True)
    print_next_steps(out, command, done=True, recorded=not record.error, helps=word.helps)
    raise typer.Exit(word.exit_code)
