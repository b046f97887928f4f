"""What `seedwise run` does with a plan that is not done: train, record, report, and say how it went."""

import contextlib
import dataclasses
import io
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from orchestrator.cli.comparison import note_look, print_outcome
from orchestrator.cli.last_word import LastWord, Word
from orchestrator.cli.next_steps import Help, print_next_steps
from orchestrator.cli.output import PLAIN_WIDTH, standard_output
from orchestrator.cli.place import writing_in
from orchestrator.cli.report_meanwhile import ReportMeanwhile
from orchestrator.cli.run_command import RunCommand
from orchestrator.cli.since_last_run import changes_since_last_run, few_to_begin_with
from orchestrator.cli.unfinished import unfinished
from orchestrator.cli.what_helps import what_helps
from orchestrator.durations import duration
from orchestrator.plan import Plan
from orchestrator.record import Recorder, RecordState
from orchestrator.report import Outcome, Report, compose, note, outcome_of, write_report
from orchestrator.results import ResultTable
from orchestrator.run.driver import RunSummary, as_it_stands, run_plan
from orchestrator.run.last_resort import BEFORE_END_S
from orchestrator.run.stopping import StopRequested, StopSwitch
from orchestrator.store import Home, StoreError

RECORD_DEADLINE_S = 120.0
"""How long a finished sweep waits for MLflow to catch up."""
RECORD_DEADLINE_WHEN_STOPPED_S = 3.0
"""At least so long; longer where a signal leaves the time, for MLflow may have to be loaded first."""
LEAVING_S = 3.5
"""What comes after it takes no longer: words, and what other sweeps have left in the home."""
RECORD_DEADLINE_WHEN_BROKEN_S = 15.0


def carry_out(command: RunCommand, plan: Plan, place: Home, last: LastWord, switch: StopSwitch) -> None:
    """Start or go on; leaves with the run's exit code. Raises StopRequested if asked to before it has begun."""
    recorder = Recorder(place, plan.spec.name, command.tracking_uri)
    meanwhile = ReportMeanwhile(place, plan.spec.name, recorder.offer)
    run = _Run(command, plan, place, last, switch, recorder, meanwhile, standard_output())
    try:
        run.tell(run.train())
    except (typer.Exit, StopRequested):
        raise
    except Exception:  # a store that refuses, or a defect: nothing runs any more, and MLflow must not show it so
        recorder.give_up(RECORD_DEADLINE_WHEN_BROKEN_S)
        raise
    finally:
        recorder.leave()


@dataclasses.dataclass(frozen=True)
class _Run:
    """One run of a plan, with all who take part in it."""

    command: RunCommand
    plan: Plan
    place: Home
    last: LastWord
    switch: StopSwitch
    recorder: Recorder
    meanwhile: ReportMeanwhile
    out: Console

    def train(self) -> RunSummary:
        """Carry the plan out, record it, and report it meanwhile."""
        self.last.take_back()
        for sentence in changes_since_last_run(self.place.store(), self.plan).sentences:
            self._say(f"{sentence}.")
        few = few_to_begin_with(self.place.store(), self.plan)
        if few and "--smoke" not in self.command.loaded.options:
            self._say(f"{few}.")
        # MLflow is then not to show as running what is about to end, though the main thread comes to nothing more.
        self.switch.end_process_in_time(before_end=lambda: self.recorder.give_up(BEFORE_END_S))

        def begin() -> None:
            self.recorder.start()
            self.meanwhile.start()

        return run_plan(
            self.plan,
            self.command.loaded.text,
            self.place,
            self.out,
            address=self.command.address,
            retry_diverged=self.command.retry_diverged,
            listener=self.recorder,
            on_planned=self.recorder.attend,
            on_first_step=begin,
            switch=self.switch,
        )

    def tell(self, summary: RunSummary) -> NoReturn:
        """Compare, report, finish the record, and leave with the exit code."""
        with contextlib.suppress(StopRequested):
            self.switch.raise_if_signalled()  # whoever sent it will not wait for a comparison and a report
            self.meanwhile.end()
            if not (summary.trained or summary.to_go_on_with):
                self._say(_nothing_left(self.plan, summary))
            table = ResultTable.of(self.place, self.plan.spec.name)
            outcome = outcome_of(table)
            unnoted = note_look(outcome, table)
            composed = compose(table, outcome)
            summary = as_it_stands(self.place, summary)
            page, unwritten = _written(composed, self.place)
            word, helps = None, what_helps(outcome, table)
            if page is not None and not (summary.to_go_on_with or unnoted):
                word = self._keep_word(summary, table, outcome, note(composed), page, helps)
            record = self.recorder.finish(
                RECORD_DEADLINE_S,
                note=note(composed),
                report=None if page is None else page.parent,
                stopped=summary.let_go,
            )
            summary = as_it_stands(self.place, summary)  # of an arm's model nobody else has read all
            self.out.print()
            self._print_result(self.out, summary, table, outcome)
            if unnoted:
                self._say(unnoted)
            self._end(summary, record, unwritten if page is None else f"report: {page}", helps)
            if word is not None and not record.error:
                self.last.note_recorded(word)
            raise typer.Exit(summary.exit_code or int(page is None))
        stopped = dataclasses.replace(summary, stopped_by=self.switch.reason, exit_code=self.switch.exit_code)
        deadline_s = record_deadline_when_stopped_s(self.switch)
        self._end(stopped, self.recorder.finish(deadline_s, stopped=stopped.let_go))
        raise typer.Exit(stopped.exit_code)

    def _keep_word(
        self, summary: RunSummary, table: ResultTable, outcome: Outcome, note: str, page: Path, helps: Help | None
    ) -> Word | None:
        """What the next run may say again. Before it is recorded, for MLflow may be away."""
        said = io.StringIO()
        again = Console(file=said, width=PLAIN_WIDTH)
        self._print_result(again, summary, table, outcome)
        _print_end(again, self.plan, dataclasses.replace(summary, trained=(), seconds=0.0), self.place)
        report = str(page.relative_to(self.place.root))
        return self.last.keep(said.getvalue().rstrip(), report, summary.exit_code, note, helps)

    def _print_result(self, out: Console, summary: RunSummary, table: ResultTable, outcome: Outcome) -> None:
        if "--smoke" in self.command.loaded.options:
            out.print(_smoke_verdict(self.plan, summary), soft_wrap=True)
        else:
            print_outcome(out, table, outcome)

    def _end(self, summary: RunSummary, record: RecordState, report: str = "", helps: Help | None = None) -> None:
        _print_end(self.out, self.plan, summary, self.place)
        print_record(self.out, record)
        if report:
            self._say(report)
        done, recorded = not summary.to_go_on_with, not record.error
        print_next_steps(self.out, self.command, done=done, recorded=recorded, helps=helps)

    def _say(self, text: str) -> None:
        self.out.print(text, markup=False, soft_wrap=True)


def _written(report: Report, home: Home) -> tuple[Path | None, str]:
    """The page; or None and why, for a disk that is too full for a report must not hide what has been trained."""
    try:
        with writing_in(home, "the report"):
            return write_report(report, home.reports(report.title)), ""
    except StoreError as error:
        return None, str(error)


def _smoke_verdict(plan: Plan, summary: RunSummary) -> str:
    unfinished = len(plan.cells) - len(summary.finished)
    verdict = "The file works."
    if unfinished:
        verdict = (
            f"{unfinished} of {len(plan.cells)} cells did not finish, so the file is not shown to work; see below."
        )
    return f"{verdict} So few rows and epochs teach nothing: the report's numbers mean nothing yet."


def _nothing_left(plan: Plan, summary: RunSummary) -> str:
    """Said before the minutes that a thousand cells take to be compared, drawn and recorded."""
    diverged = f" and {len(summary.diverged)} diverged" if summary.diverged else ""
    finished = f"{len(summary.finished)} of {len(plan.cells)} cells are finished{diverged}"
    return f"nothing is left to train: {finished}; they are compared, and the report and MLflow brought up to date"


def record_deadline_when_stopped_s(switch: StopSwitch) -> float:
    """How long a sweep that was asked to stop waits for MLflow."""
    return max(RECORD_DEADLINE_WHEN_STOPPED_S, round(switch.seconds_left - LEAVING_S, 1))


def print_record(out: Console, record: RecordState) -> None:
    """What MLflow lacks, if it lacks something."""
    if record.error:
        what = f"MLflow is {_cells(record.behind)} behind" if record.behind else "MLflow does not show the end"
        why = f"({record.error.splitlines()[0]:.300})"
        later = "nothing is lost: once MLflow can be used, seedwise sync, below, catches up"
        out.print(f"{what} {why}; {later}", markup=False, soft_wrap=True)
    if record.notice:
        out.print(record.notice, markup=False, soft_wrap=True)


def _print_end(out: Console, plan: Plan, summary: RunSummary, home: Home) -> None:
    def say(text: str) -> None:
        out.print(text, markup=False, soft_wrap=True)

    before = len(summary.finished) + len(summary.diverged) - len(summary.trained)
    diverged = f", {len(summary.diverged)} diverged" if summary.diverged else ""
    say(
        f"\n{len(summary.finished)} of {len(plan.cells)} cells finished{diverged} "
        f"({before} before, {len(summary.trained)} in the {duration(summary.seconds)} of this run)"
    )
    for line in unfinished(plan, summary, home):
        say(line)
    if summary.stopped_by:
        say(f"stopped: {summary.stopped_by}")
    if summary.to_go_on_with:
        say("nothing that was stored is lost; run the same command to go on")


def _cells(number: int) -> str:
    return f"{number} cell{'' if number == 1 else 's'}"
