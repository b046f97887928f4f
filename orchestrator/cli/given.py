"""What an option or argument must be given: something that can be. A shell makes of `--home "$UNSET"` an empty
word."""

from pathlib import Path

import typer

from orchestrator.sweep_text import refuse_missing
from orchestrator.unknown_sweep import refuse_unknown


def something_given(said: str | None) -> str | None:
    """The word as it is; none where the option is left out."""
    if said is not None and not said.strip():
        raise typer.BadParameter("it is empty; give a value, or leave it out")
    return said


def path_given(said: str) -> Path:
    """Not the working directory, which Python takes an empty path for, and which a home would fill."""
    return Path(something_given(said) or "")


def sweep_given(said: str | None) -> str | None:
    """The sweep as it is named, if there is one: said before torch is loaded, which takes seconds."""
    if said is not None:
        refuse_missing(said)
    return said


def known_sweeps_given(context: typer.Context, said: str | list[str]) -> str | list[str]:
    """One that has been run, or several, in the home that the options name: those are to be read before."""
    for sweep in [said] if isinstance(said, str) else said:
        refuse_unknown(sweep, context.params.get("home"), context.params.get("store"))
    return said
