"""The commands, their options and their help; the work of each lies in a module next door.

Those modules import torch, Ray or MLflow, which takes seconds, and are imported when their command runs: `--help`
and a misspelt option answer at once.
"""

from pathlib import Path
from typing import Annotated

import typer

SweepArgument = Annotated[
    str, typer.Argument(help="The name of a shipped sweep (e.g. quickstart), or the path of a sweep file.")
]
KnownSweepArgument = Annotated[str, typer.Argument(help="The name of a sweep that has been run in this home.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting by its dotted key: --set training.epochs=3"),
]
SeedsOption = Annotated[
    int | None, typer.Option(help="Train so many seeds of each arm: 0, 1, …", show_default=False)
]
SmokeOption = Annotated[
    bool,
    typer.Option("--smoke", help="Does my file work at all? 200 rows, 1 epoch, 2 seeds, under a name of its own."),
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        help="Where cells, MLflow's database and reports lie. Default: $SEEDWISE_HOME, else mlruns/ here.",
        show_default=False,
    ),
]
TrackingOption = Annotated[
    str | None,
    typer.Option(
        help="An MLflow tracking URI. Default: a SQLite database in the home.", metavar="URI", show_default=False
    ),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        help="A running Ray cluster, e.g. auto or 10.0.0.1:6379. Default: Ray on this machine alone.",
        metavar="HOST:PORT",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def init(path: Annotated[Path, typer.Argument(help="The sweep file to write, e.g. my.yaml")]) -> None:
    """Write a commented sweep file for your own data, ready to be filled in."""
    from orchestrator.cli.template import write_template

    write_template(path)


def plan(
    sweep: SweepArgument,
    set_: SetOption = None,
    seeds: SeedsOption = None,
    smoke: SmokeOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a sweep would do, and what it costs. Launches nothing."""
    from orchestrator.cli.preview import print_preview
    from orchestrator.sweep_file import load_sweep

    print_preview(load_sweep(sweep, set_=set_ or (), seeds=seeds, smoke=smoke), home, as_json)


def run(
    sweep: SweepArgument,
    set_: SetOption = None,
    seeds: SeedsOption = None,
    smoke: SmokeOption = False,
    home: HomeOption = None,
    tracking_uri: TrackingOption = None,
    address: AddressOption = None,
) -> None:
    """Start a sweep, or go on with it: what is done is not trained again."""
    from orchestrator.cli.carry_out import carry_out
    from orchestrator.sweep_file import load_sweep

    carry_out(load_sweep(sweep, set_=set_ or (), seeds=seeds, smoke=smoke), home, tracking_uri, address)


def resume(
    sweep: SweepArgument,
    set_: SetOption = None,
    seeds: SeedsOption = None,
    smoke: SmokeOption = False,
    home: HomeOption = None,
    tracking_uri: TrackingOption = None,
    address: AddressOption = None,
) -> None:
    """Go on with a sweep that has been run before; like run, but refuses one that it does not know."""
    from orchestrator.cli.carry_out import carry_out, refuse_unknown
    from orchestrator.sweep_file import load_sweep

    loaded = load_sweep(sweep, set_=set_ or (), seeds=seeds, smoke=smoke)
    refuse_unknown(loaded.spec.name, home)
    carry_out(loaded, home, tracking_uri, address)


def compare(sweep: KnownSweepArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Print each arm's n, failed, missing, min, mean, median, max and standard deviation."""
    from orchestrator.cli.comparison import print_comparison

    print_comparison(sweep, home, as_json)


def predict(
    sweep: KnownSweepArgument,
    texts: Annotated[
        list[str] | None, typer.Argument(help="Texts to label. Without any: one a line from standard input.")
    ] = None,
    arm: Annotated[str | None, typer.Option(help="Which arm. Default: the baseline.", show_default=False)] = None,
    seed: Annotated[
        int | None, typer.Option(help="Which seed. Default: the lowest that is finished.", show_default=False)
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(help="Label a column of this CSV; it is printed with two columns more.", show_default=False),
    ] = None,
    text_column: Annotated[str, typer.Option(help="The CSV's column of texts.")] = "text",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Label texts with a trained cell: prints label, probability and text, separated by tabs."""
    from orchestrator.cli.labelling import print_labels

    print_labels(sweep, texts or [], arm, seed, csv, text_column, home, as_json)


def sync(sweep: KnownSweepArgument, home: HomeOption = None, tracking_uri: TrackingOption = None) -> None:
    """Record in MLflow whatever of a sweep is not there yet; running it twice changes nothing."""
    from orchestrator.cli.carry_out import catch_up

    catch_up(sweep, home, tracking_uri)


def ui(
    home: HomeOption = None,
    tracking_uri: TrackingOption = None,
    port: Annotated[int, typer.Option(help="Where the page is served, on this machine.")] = 5000,
) -> None:
    """Serve MLflow's page on the runs of this home."""
    from orchestrator.cli.page import serve_page

    serve_page(home, tracking_uri, port)


def doctor(
    sweep: Annotated[
        str | None, typer.Argument(help="A sweep whose data are to be reached, too.", show_default=False)
    ] = None,
    home: HomeOption = None,
    tracking_uri: TrackingOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check versions, Ray, GPUs, the vocabulary, the store, MLflow and, for a sweep, its data."""
    from orchestrator.cli.checkup import print_findings

    print_findings(sweep, home, tracking_uri, address, as_json)
