"""What `seedwise run` does first: find the home, read the data, and see what there is to do.

Where that is nothing it says so, without the seconds that Ray, MLflow and scipy take to be loaded.
"""

import sys
from pathlib import Path

import typer
from rich.console import Console

from orchestrator.addresses import shown
from orchestrator.cli.last_word import LastWord
from orchestrator.cli.next_steps import print_next_steps
from orchestrator.cli.output import standard_output
from orchestrator.cli.place import usable_home, writing_in
from orchestrator.cli.run_command import RunCommand
from orchestrator.plan import prepare_sweep
from orchestrator.record.reachable import UnreachableError, reachable
from orchestrator.run.stopping import StopRequested, StopSwitch
from orchestrator.store import Home, StoreError, SweepStore, check_store
from search_spaces.faults import did_you_mean
from trainables.errors import UserError


def refuse_unknown(sweep: str, home: Path | None, store: str | None) -> None:
    """Raises UserError unless a sweep of that name has been run in this home."""
    place = Home.at(home, store)
    known = SweepStore(place.store()).names()
    if sweep not in known:
        there = f"known are: {', '.join(known)}" if known else "it knows none yet"
        hint = did_you_mean(sweep, known)
        raise UserError(
            f"no sweep {sweep!r} has been run in {place.root} ({there}){f'{hint} If not,' if hint else ';'} "
            "start it with seedwise run, or name its home with --home"
        )


def launch(command: RunCommand) -> None:
    """Start or go on; leaves with the run's exit code, or with a signal's."""
    switch = StopSwitch(command.loaded.spec.resources.stop_within_s)
    try:
        with switch.installed():
            _launch(command, switch)
    except StopRequested:
        print(f"stopped: {switch.reason}", file=sys.stderr)
        print("nothing that was stored is lost; run the same command to go on", file=sys.stderr)
        raise typer.Exit(switch.exit_code) from None


def _launch(command: RunCommand, switch: StopSwitch) -> None:
    loaded, place, out = command.loaded, usable_home(command.home, command.store), standard_output()
    if place.store_url:
        check_store(place.store())
    if command.tracking_uri is not None:
        _check_tracking(out, command.tracking_uri, place, loaded.spec.name)
    with writing_in(place, "the tokens"):
        plan = prepare_sweep(loaded.spec, place.token_cache)
    for sentence in plan.data_sentences:
        out.print(sentence, markup=False, soft_wrap=True)
    place.remember_store()
    last = LastWord(place, plan, loaded.text, command.tracking_uri)
    if not command.retry_diverged and (word := last.found()) is not None:
        out.print(word.said, markup=False, soft_wrap=True)
        if not last.is_shown(word):
            from orchestrator.cli.late_record import record_late

            record_late(out, command, place, last, word, switch)
        # A server is not asked, which may have lost the runs since.
        there = "and in MLflow" if last.is_embedded else "and was in MLflow at its end (seedwise sync looks again)"
        out.print(f"there is nothing to do: all of it is finished, in the report {there}", soft_wrap=True)
        out.print(f"report: {place.root / word.report}", markup=False, soft_wrap=True)
        print_next_steps(out, command, done=True, recorded=True, helps=word.helps)
        raise typer.Exit(word.exit_code)

    from orchestrator.cli.carry_out import carry_out

    try:
        carry_out(command, plan, place, last, switch)
    except StoreError as refused:  # credentials that have expired, say, after days
        raise StoreError(f"{refused}; once that is mended, run the same command to go on") from refused


def _check_tracking(out: Console, uri: str, home: Home, sweep: str) -> None:
    """A server that is away refuses the first run, for its address may be wrong; later ones go on without it."""
    try:
        reachable(uri)
    except UnreachableError as away:
        if SweepStore(home.store()).plan(sweep) is None:
            raise
        out.print(
            f"MLflow at {shown(uri)} does not answer ({away.why}); {sweep} goes on, and is recorded as soon as it "
            "does",
            markup=False,
            soft_wrap=True,
        )
