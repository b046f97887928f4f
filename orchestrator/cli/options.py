"""The options and arguments that several commands share, with their help."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.given import known_sweeps_given, path_given, something_given, sweep_given


class Pairs(StrEnum):
    """Which arms are held against which."""

    BASELINE = "baseline"
    ALL = "all"


SweepArgument = Annotated[
    str,
    typer.Argument(
        help="The name of a shipped sweep (e.g. quickstart), or the path of a sweep file.",
        callback=sweep_given,
        metavar="SWEEP",
    ),
]
KnownSweepArgument = Annotated[
    str,
    typer.Argument(
        help="The name of a sweep that has been run in this home.", callback=known_sweeps_given, metavar="SWEEP"
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a setting of the file by its dotted key, as often as you like: --set training.epochs=3",
        show_default=False,
    ),
]
SeedsOption = Annotated[
    int | None,
    typer.Option(
        help="How many seeds of each arm: 0, 1, … Those that are trained already are not trained again.",
        show_default=False,
    ),
]
SmokeOption = Annotated[
    bool,
    typer.Option(
        "--smoke",
        help="Does the file work at all? 200 rows, 1 epoch (1, 2, … where epochs vary), 2 seeds, as a sweep called "
        "NAME-smoke.",
    ),
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        help="The folder of cells, reports and MLflow's database. Default: $SEEDWISE_HOME, else ./mlruns.",
        parser=path_given,
        is_eager=True,  # it is asked which sweeps are known there
        metavar="PATH",
        show_default=False,
    ),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        help="Where the cells lie, if not in the home: s3://bucket/prefix, gs://… or az://…, or "
        "file:///shared/folder. The home remembers it. Default: $SEEDWISE_STORE, else the home.",
        metavar="URL",
        callback=something_given,
        is_eager=True,
        show_default=False,
    ),
]
TrackingOption = Annotated[
    str | None,
    typer.Option(
        help="Where MLflow records: http://host:5000, say. Default: a SQLite database in the home.",
        metavar="URI",
        callback=something_given,
        show_default=False,
    ),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        help="A running Ray cluster to join: 10.0.0.1:6379, or auto. Default: Ray on this machine alone.",
        metavar="HOST:PORT",
        callback=something_given,
        show_default=False,
    ),
]
RetryDivergedOption = Annotated[
    bool,
    typer.Option(
        "--retry-diverged",
        help="Each time this is given, train cells whose loss became non-finite from the start once more; their "
        "outcomes stay stored.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else, for scripts.")]
