"""Options that several commands share, with the words that explain them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from orchestrator.store import Home

SweepArgument = Annotated[
    str, typer.Argument(help="The name of a shipped sweep (e.g. quickstart), or the path of a sweep file.")
]
KnownSweepArgument = Annotated[str, typer.Argument(help="The name of a sweep that has been run in this home.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting by its dotted key: --set training.epochs=3"),
]
SeedsOption = Annotated[int | None, typer.Option(help="Train so many seeds of each arm: 0, 1, …")]
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


def home_at(chosen: Path | None) -> Home:
    return Home.at(chosen)


def console() -> Console:
    """Standard output, as it is now: tests and redirections replace it."""
    return Console(highlight=False)
