"""The app: which commands there are."""

from typing import Annotated

import typer

from orchestrator.cli import commands

app = typer.Typer(
    name="seedwise",
    help="Train a text classifier under several losses and many seeds, lose nothing, and compare.",
    epilog="Begin with: seedwise run quickstart",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"seedwise {version('seedwise')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass


for command in (
    commands.init,
    commands.plan,
    commands.run,
    commands.resume,
    commands.compare,
    commands.predict,
    commands.sync,
    commands.ui,
    commands.doctor,
):
    app.command()(command)
