"""`seedwise init`: a first sweep file."""

from pathlib import Path
from typing import Annotated

import typer

from orchestrator.sweep_file import template
from trainables.errors import UserError


def init(
    path: Annotated[Path, typer.Argument(help="The sweep file to write, e.g. my.yaml")],
) -> None:
    """Write a commented sweep file for your own data, ready to be filled in."""
    try:
        with path.open("x") as file:
            file.write(template())
    except FileExistsError:
        raise UserError(f"{path} exists already; choose another name, or delete it first") from None
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}); choose another place") from error
    print(f"{path} is written. Fill in data, then try it: seedwise run {path} --smoke")
