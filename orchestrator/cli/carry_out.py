"""What `seedwise run` does, in order: plan, train, record, report, and say how it went."""

from pathlib import Path

import typer
from rich.console import Console

from orchestrator.cli.comparison import print_tables
from orchestrator.cli.output import standard_output
from orchestrator.plan import Plan, prepare_sweep
from orchestrator.record import Recorder, RecordState, reachable, sync_sweep
from orchestrator.report import markdown, write_report
from orchestrator.report.words import duration
from orchestrator.results import ResultTable
from orchestrator.run.driver import RunSummary, run_plan
from orchestrator.store import Home, SweepStore
from orchestrator.sweep_file import LoadedSweep
from trainables.errors import UserError

RECORD_DEADLINE_S = 120.0
"""How long a finished sweep waits for MLflow to catch up."""
RECORD_DEADLINE_WHEN_STOPPED_S = 5.0


def refuse_unknown(sweep: str, home: Path | None) -> None:
    """Raises UserError unless a sweep of that name has been run in this home."""
    place = Home.at(home)
    known = SweepStore(place.store()).names()
    if sweep not in known:
        there = f"known are: {', '.join(known)}" if known else "it knows none yet"
        raise UserError(
            f"no sweep {sweep!r} has been run in {place.root} ({there}); "
            "start it with seedwise run, or name its home with --home"
        )


def carry_out(loaded: LoadedSweep, home: Path | None, tracking_uri: str | None, address: str | None) -> None:
    """Start or go on; leaves with the run's exit code."""
    if tracking_uri is not None:
        reachable(tracking_uri)
    out = standard_output()
    place, name = Home.at(home), loaded.spec.name
    plan = prepare_sweep(loaded.spec, place.token_cache)
    for sentence in plan.data_sentences:
        out.print(sentence, markup=False)
    recorder = Recorder(place, name, tracking_uri)
    summary = run_plan(
        plan, loaded.text, place, out, address=address, listener=recorder, on_first_step=recorder.start
    )
    table = ResultTable.open(name, place.root)
    page = write_report(table, place.reports(name))
    record = recorder.finish(
        RECORD_DEADLINE_WHEN_STOPPED_S if summary.stopped_by else RECORD_DEADLINE_S,
        note=markdown(table),
        report=page.parent,
        stopped=(*summary.left, *summary.failed),
    )
    out.print()
    print_tables(out, table)
    _print_end(out, plan, summary, record, place, page)
    raise typer.Exit(summary.exit_code)


def catch_up(sweep: str, home: Path | None, tracking_uri: str | None) -> None:
    """Record what is missing in MLflow, and say how much there is."""
    table, place = ResultTable.open(sweep, home), Home.at(home)
    reachable(tracking_uri or place.tracking_uri)
    page = write_report(table, place.reports(sweep))
    state = sync_sweep(place, sweep, tracking_uri, note=markdown(table), report=page.parent)
    print(f"{state.recorded} cells are recorded, {state.behind} are not {state.error}".rstrip())
    raise typer.Exit(int(state.behind > 0))


def _print_end(out: Console, plan: Plan, summary: RunSummary, record: RecordState, home: Home, page: Path) -> None:
    def say(text: str) -> None:
        out.print(text, markup=False, soft_wrap=True)

    cells = {cell.key: cell for cell in plan.cells}
    before = len(summary.finished) + len(summary.diverged) - len(summary.trained)
    say(
        f"\n{len(summary.finished)} of {len(cells)} cells finished "
        f"({before} before, {len(summary.trained)} in the {duration(summary.seconds)} of this run)"
    )
    for what in ("diverged", "failed", "held"):
        for key in getattr(summary, what):
            cell = cells[key]
            say(f"{what}: {cell.arm}, seed {cell.seed}: {summary.messages.get(key, '')}")
            if what == "failed":
                say(f"  its log: {home.failures(key)}")
    if summary.stopped_by:
        say(f"stopped: {summary.stopped_by}")
    if summary.left or summary.held or summary.failed:
        say("nothing that was stored is lost; run the same command to go on")
    if record.behind:
        say(f"MLflow is {record.behind} cells behind ({record.error}); the next run of the sweep records them")
    say(f"report: {page}")
    flag = "" if home == Home.at(None) else f" --home {home.root}"
    for title, command, purpose in (
        ("next:", f"seedwise ui{flag}", "look at the runs in MLflow's page"),
        ("", f"seedwise compare {plan.spec.name}{flag}", "see this table again"),
        ("", f"seedwise run {plan.spec.name} --seeds {len(plan.spec.seed_list) * 2}{flag}", "train more seeds"),
    ):
        say(f"{title:<8}{command:<{32 + len(flag)}}  {purpose}")
