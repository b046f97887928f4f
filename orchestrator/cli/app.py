"""The app and its commands."""

from typing import Annotated

import typer

from orchestrator.cli import doctor, look, predict, start, sweep

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
        from orchestrator.environment import versions

        print(f"seedwise {versions()['seedwise']}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass


app.command("init")(start.init)
app.command("plan")(sweep.plan)
app.command("run")(sweep.run)
app.command("resume")(sweep.resume)
app.command("compare")(look.compare)
app.command("predict")(predict.predict)
app.command("ui")(look.ui)
app.command("doctor")(doctor.doctor)
