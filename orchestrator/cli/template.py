"""What `seedwise init` does: write a first sweep file."""

import shlex
from pathlib import Path

from orchestrator.sweep_text import shipped_sweeps, template
from trainables.errors import UserError


def write_template(path: Path) -> None:
    """Never over a file that is there."""
    if str(path) in shipped_sweeps():  # `run` would take that one
        raise UserError(f"{path} is a sweep that comes with seedwise; choose another name, e.g. my.yaml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(template())
    except FileExistsError:
        raise UserError(f"{path} exists already; choose another name, or delete it first") from None
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}); choose another place") from error
    named = shlex.quote(str(path))
    print(f"{path} is written. Fill in the lines marked with <--, then try it: seedwise run {named} --smoke")
