"""The commands, their options and their help; the work of each lies in a module next door.

Those modules import torch, Ray or MLflow, which takes seconds, and are imported when their command runs: `--help`
and a misspelt option answer at once.
"""

from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.given import known_sweeps_given, path_given
from orchestrator.cli.loading import loading
from orchestrator.cli.options import (
    AddressOption,
    HomeOption,
    JsonOption,
    KnownSweepArgument,
    Pairs,
    RetryDivergedOption,
    SeedsOption,
    SetOption,
    SmokeOption,
    StoreOption,
    SweepArgument,
    TrackingOption,
)


def init(
    path: Annotated[Path, typer.Argument(help="The sweep file to write, e.g. my.yaml", parser=path_given)],
) -> None:
    """Write a commented sweep file for your own data, ready to be filled in."""
    from orchestrator.cli.template import write_template

    write_template(path)


def plan(
    sweep: SweepArgument,
    set_: SetOption = None,
    seeds: SeedsOption = None,
    smoke: SmokeOption = False,
    home: HomeOption = None,
    store: StoreOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a sweep would do, and what it costs. Trains nothing.

    Reads and checks the data, and prints: the cells that are done, begun and new; each arm's parameters and
    steps; the expected time, from a few timed steps; the disk; whether the machine has room for a training; and
    which difference so many seeds can detect, with a warning where they cannot settle the sweep's margin. Exit
    code: 0, or 2 if the machine has no room.
    """
    with loading():
        from orchestrator.sweep_file import load_sweep

    loaded = load_sweep(sweep, set_=set_ or (), seeds=seeds, smoke=smoke)
    from orchestrator.cli.damage_told import telling_damage  # after, for a mistake in the file is to be told soon
    from orchestrator.cli.preview import print_preview

    with telling_damage(home, store, loaded.spec.name):
        print_preview(loaded, home, store, address, as_json)


def run(
    sweep: SweepArgument,
    set_: SetOption = None,
    seeds: SeedsOption = None,
    smoke: SmokeOption = False,
    home: HomeOption = None,
    store: StoreOption = None,
    tracking_uri: TrackingOption = None,
    address: AddressOption = None,
    retry_diverged: RetryDivergedOption = False,
) -> None:
    """Start a sweep, or go on with it: what is done is not trained again.

    Trains every cell that is not done, records all in MLflow, prints verdicts and tables, and writes a report.
    Ctrl-C ends it in order; the same command goes on. Exit code: 0 all cells are finished, 1 some are not, 2 there
    is something for you to mend, 130 after Ctrl-C.
    """
    with loading():
        from orchestrator.cli.damage_told import telling_damage
        from orchestrator.cli.launch import launch
        from orchestrator.cli.run_command import RunCommand
        from orchestrator.sweep_file import load_sweep

    loaded = load_sweep(sweep, set_=set_ or (), seeds=seeds, smoke=smoke)
    with telling_damage(home, store, loaded.spec.name):
        launch(RunCommand(loaded, home, store, tracking_uri, address, retry_diverged))


def resume(
    sweep: SweepArgument,
    set_: SetOption = None,
    seeds: SeedsOption = None,
    smoke: SmokeOption = False,
    home: HomeOption = None,
    store: StoreOption = None,
    tracking_uri: TrackingOption = None,
    address: AddressOption = None,
    retry_diverged: RetryDivergedOption = False,
) -> None:
    """Go on with a sweep that has been run before; refuses one that the home does not know.

    Otherwise like run, for scripts that must not start anew by a wrong home or a misspelt name. Give the sweep and
    its options as they were given to run.
    """
    with loading():
        from orchestrator.cli.damage_told import telling_damage
        from orchestrator.cli.launch import launch, refuse_unknown
        from orchestrator.cli.run_command import RunCommand
        from orchestrator.sweep_file import load_sweep

    loaded = load_sweep(sweep, set_=set_ or (), seeds=seeds, smoke=smoke)
    refuse_unknown(loaded.spec.name, home, store)
    with telling_damage(home, store, loaded.spec.name):
        launch(RunCommand(loaded, home, store, tracking_uri, address, retry_diverged))


def compare(
    sweeps: Annotated[
        list[str],
        typer.Argument(
            help="The name of a sweep that has been run in this home; of several, to hold their arms side by side.",
            callback=known_sweeps_given,
            metavar="SWEEP",
        ),
    ],
    pairs: Annotated[
        Pairs | None,
        typer.Option(
            help="Each arm against the baseline, or every arm against every other. Default: what the sweep file "
            "says (decide.pairs); pairs that were not planned are judged more strictly.",
            show_default=False,
        ),
    ] = None,
    home: HomeOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print what the runs of a sweep allow one to say: verdicts first, then the tables.

    One table a metric, one row an arm: n finished cells, how many diverged, how many are missing and how many of
    these failed, then min, mean, median, max and standard deviation over seeds. Then every difference with its 95%
    interval, and the best epoch of each run, which never decides.

    Several sweeps can be compared where data, split and deciding metric agree; of margins, one that none of them
    contradicts is used.

    A verdict that was shown is a look: other questions to the same runs, more seeds, other pairs, another sweep's
    name, are judged more strictly afterwards, and say so. The same question has the same answer for ever.
    """
    from orchestrator.cli.comparison import print_comparison
    from orchestrator.cli.damage_told import telling_damage

    with telling_damage(home, store, *sweeps):
        print_comparison(sweeps, home, store, as_json, pairs.value if pairs else None)


def report(
    sweep: KnownSweepArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            help="A folder that gets a copy, to be sent or put beside a paper. Made if it is not there.",
            parser=path_given,
            metavar="PATH",
            show_default=False,
        ),
    ] = None,
    home: HomeOption = None,
    store: StoreOption = None,
    tracking_uri: TrackingOption = None,
) -> None:
    """Write the report of a sweep as it stands: verdicts, tables, figures, and how it was done.

    report.html is one page that needs no network, for a browser, a phone or paper; report.md is the same for a pull
    request. Beside them: every figure as SVG and PNG, and every number as JSON and CSV. They lie in the home, under
    sweeps/NAME/report, and in the sweep's MLflow run. A sweep that is still running may be reported, too: it then
    says what is missing, and gives no verdict.

    A verdict that it shows is a look: other questions to the same runs are judged more strictly afterwards.
    """
    from orchestrator.cli.damage_told import telling_damage
    from orchestrator.cli.reporting import report_now

    with telling_damage(home, store, sweep):
        report_now(sweep, out, home, store, tracking_uri)


def predict(
    sweep: KnownSweepArgument,
    texts: Annotated[
        list[str] | None,
        typer.Argument(help="Texts to label, in quotes. Without any: one a line from standard input."),
    ] = None,
    arm: Annotated[
        str | None,
        typer.Option(
            help="Which arm: loss=cross_entropy, or cross_entropy. Default: the baseline.", show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Which seed. Default: the lowest that is finished.", show_default=False)
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            help="Label a column of this file (CSV, TSV, JSONL, JSON, parquet); prints its columns as CSV, with "
            "predicted_label and predicted_probability.",
            parser=path_given,
            metavar="PATH",
            show_default=False,
        ),
    ] = None,
    text_column: Annotated[str, typer.Option(help="The CSV's column of texts.")] = "text",
    separator: Annotated[
        str | None,
        typer.Option(
            help="What parts the CSV's columns, in quotes: ';', say, or tab. Default: by the file's ending.",
            metavar="CHARACTER",
            show_default=False,
        ),
    ] = None,
    unquoted: Annotated[
        bool, typer.Option("--unquoted", help="Quotation marks in the CSV are ordinary characters.")
    ] = False,
    home: HomeOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Label texts with a trained cell: prints label, probability and text, separated by tabs.

    seedwise predict quickstart "A dull film." --seed 3
    """
    from orchestrator.cli.damage_told import telling_damage
    from orchestrator.cli.labelling import print_labels
    from orchestrator.cli.text_file import TextFile

    file = TextFile.chosen(csv, text_column, separator, quoted=not unquoted)
    with telling_damage(home, store, sweep):
        print_labels(sweep, texts or [], file, arm, seed, home, store, as_json)


def sync(
    sweep: KnownSweepArgument,
    home: HomeOption = None,
    store: StoreOption = None,
    tracking_uri: TrackingOption = None,
) -> None:
    """Record in MLflow whatever of a sweep is not there yet; running it twice changes nothing.

    For when MLflow was away while the sweep ran, or to record it in another place with --tracking-uri. Ctrl-C ends
    it after the run that is being written; the same command goes on.
    """
    from orchestrator.cli.catch_up import catch_up
    from orchestrator.cli.damage_told import telling_damage

    with telling_damage(home, store, sweep):
        catch_up(sweep, home, store, tracking_uri)


def ui(
    home: HomeOption = None,
    tracking_uri: TrackingOption = None,
    port: Annotated[int, typer.Option(help="Where it is served, on this machine.", min=1, max=65535)] = 5000,
) -> None:
    """Serve MLflow's page on the runs of this home, until Ctrl-C."""
    from orchestrator.cli.page import serve_page

    serve_page(home, tracking_uri, port)


def doctor(
    sweep: Annotated[
        str | None,
        typer.Argument(
            help="A sweep, by name or file, whose data are to be read, too.",
            metavar="SWEEP",
            show_default=False,
        ),
    ] = None,
    set_: SetOption = None,
    home: HomeOption = None,
    store: StoreOption = None,
    tracking_uri: TrackingOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check versions, Ray, GPUs, the vocabulary, the store, MLflow and, for a sweep, its data.

    One line each: ok, note (some sweeps need it) or broken, with what to do. Exit code 1 if something is broken.
    """
    from orchestrator.cli.checkup import print_findings

    print_findings(sweep, set_ or (), home, store, tracking_uri, address, as_json)
