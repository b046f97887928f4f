"""What `seedwise run` does, in order: plan, train, record, report, and say how it went."""

from pathlib import Path

import typer
from rich.console import Console

from orchestrator.cli.options import console
from orchestrator.compare import summarise
from orchestrator.plan import Plan, prepare_sweep
from orchestrator.record import Recorder, RecordState, check_reachable
from orchestrator.report import comparison_metrics, markdown, write_report
from orchestrator.report.tables import rich_table
from orchestrator.report.words import duration
from orchestrator.results import ResultTable
from orchestrator.run.driver import RunSummary, run_plan
from orchestrator.store import Home, SweepStore
from orchestrator.sweep_file import LoadedSweep
from trainables.errors import UserError

RECORD_DEADLINE_S = 120.0
"""How long a finished sweep waits for MLflow to catch up."""
RECORD_DEADLINE_WHEN_STOPPED_S = 5.0


def refuse_unknown(sweep: str, home: Home) -> None:
    """Raises UserError unless a sweep of that name has been run in this home."""
    known = SweepStore(home.store()).names()
    if sweep not in known:
        there = f"known are: {', '.join(known)}" if known else "it knows none yet"
        raise UserError(
            f"no sweep {sweep!r} has been run in {home.root} ({there}); "
            "start it with seedwise run, or name its home with --home"
        )


def carry_out(loaded: LoadedSweep, home: Home, tracking_uri: str | None, address: str | None) -> None:
    """Start or go on; leaves with the run's exit code."""
    if tracking_uri is not None:
        check_reachable(tracking_uri)
    out = console()
    plan = prepare_sweep(loaded.spec, home.token_cache)
    for sentence in plan.data_sentences:
        out.print(sentence, markup=False)
    recorder = Recorder(home, loaded.spec.name, tracking_uri)
    summary = run_plan(
        plan, loaded.text, home, out, address=address, listener=recorder, on_first_step=recorder.start
    )
    table = ResultTable.open(loaded.spec.name, home.root)
    page = write_report(table, home.reports(loaded.spec.name))
    record = recorder.finish(
        RECORD_DEADLINE_WHEN_STOPPED_S if summary.stopped_by else RECORD_DEADLINE_S,
        note=markdown(table),
        report=page.parent,
        stopped=(*summary.left, *summary.failed),
    )
    _print_results(out, table)
    _print_end(out, plan, summary, record, home, page)
    raise typer.Exit(summary.exit_code)


def _print_results(out: Console, table: ResultTable) -> None:
    for metric in comparison_metrics(table):
        out.print()
        out.print(rich_table(summarise(table.frame, metric), decides=metric == table.deciding_metric))


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
    say(f"next:   seedwise ui{_home_flag(home)}         look at the runs in MLflow's page")
    say(f"        seedwise compare {plan.spec.name}{_home_flag(home)}  see this table again")


def _home_flag(home: Home) -> str:
    return "" if home == Home.at(None) else f" --home {home.root}"
