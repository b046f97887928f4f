"""The command `audit` and its options; apart from the others because none of theirs is among them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.given import path_given
from orchestrator.cli.options import JsonOption


class Unit(StrEnum):
    """What accuracies are printed in."""

    PERCENT = "percent"
    SHARE = "share"


def audit(
    items: Annotated[
        int, typer.Option(help="How many items each run was judged on: accuracies are whole numbers of them.")
    ],
    table: Annotated[
        Path | None,
        typer.Argument(
            help="A CSV file with the columns arm, n, min, mean, median, max, sd and two rows.",
            parser=path_given,
            metavar="TABLE",
            show_default=False,
        ),
    ] = None,
    a: Annotated[
        str | None,
        typer.Option(
            help='Instead of a file, one arm: --a "BCE: min=85.48 mean=86.1 median=86.32 max=86.52"',
            metavar="ARM",
            show_default=False,
        ),
    ] = None,
    b: Annotated[str | None, typer.Option(help="The other arm.", metavar="ARM", show_default=False)] = None,
    n: Annotated[
        int | None, typer.Option(help="Runs of each arm, where the table does not say it.", show_default=False)
    ] = None,
    unit: Annotated[
        Unit | None,
        typer.Option(
            help="What accuracies are printed in. Default: percent; must be said where no number is above 1.",
            show_default=False,
        ),
    ] = None,
    pairs: Annotated[
        int | None,
        typer.Option(
            help="The most pairs of sets to look at; of more, so many are drawn. Default: 50,000.",
            min=1,
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of that drawing.", min=0)] = 0,
    as_json: JsonOption = False,
) -> None:
    """Say what the printed accuracies of two arms can and cannot show.

    seedwise audit --items 2500 --n 5 --a "BCE: min=85.48 mean=86.1 median=86.32 max=86.52" --b "CE: min=84.24 …"

    Finds every set of runs that agrees with the numbers of a paper's table, and the range of every statistic over
    these sets: what holds in all of them is what the table shows. Where they are too many, it takes Welch's t and F
    from mean, sd and n alone. Give min and max, or mean and sd, of each arm, and what else is printed, with the
    digits that are printed: 86.10 is hundredths, and 86.1 is read in each way that it may have been meant.

    Exit code: 0, 1 if the numbers contradict each other, 2 if the table cannot be audited.
    """
    from orchestrator.cli.auditing import print_audit
    from orchestrator.cli.paper_table import table_of

    printed = table_of(table, (a, b), n, items, None if unit is None else unit.value)
    print_audit(printed, pairs, seed, as_json)
