"""The app: which commands there are."""

import contextlib
import sys
from difflib import get_close_matches
from typing import Annotated, Any

import typer
import typer.core

from orchestrator.cli import commands
from orchestrator.cli.audit_command import audit
from orchestrator.cli.early_end import interruptible
from orchestrator.cli.losses_command import losses
from orchestrator.cli.standard_streams import all_written, unwritten

HELP = """
Train a text classifier under several losses and many seeds, lose nothing, and compare.

A sweep file says which data, which model, and what varies. Each setting of what varies is an arm; each arm is
trained once for each seed, and such a training is a cell. Cells are kept in the home, a folder; none is trained
twice, and whatever was interrupted goes on by the same command.
"""


class _Commands(typer.core.TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            interruptible()
            return super().invoke(ctx)
        except KeyboardInterrupt:  # here, because typer itself would leave without a word
            print("interrupted; nothing that was stored is lost, and the same command goes on", file=sys.stderr)
            raise typer.Exit(130) from None


class _Command(typer.core.TyperCommand):
    """A command which, where it opens a home, leaves no run there RUNNING that does not run."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except Exception as error:  # click's own, which typer has within itself since 0.29
            flag = getattr(error, "option_name", None)
            if type(error).__name__ != "NoSuchOption" or not flag:
                raise
            if near := get_close_matches(flag, getattr(error, "possibilities", None) or [], n=1, cutoff=0.85):
                error.message += f"; did you mean {near[0]}?"  # type: ignore[attr-defined]
                error.possibilities = []  # type: ignore[attr-defined]
            elif any(p.name == "set_" for p in self.params):
                from orchestrator.cli.mistyped import settings_meant

                if meant := settings_meant(flag, given):
                    error.message += f"; it is a setting: {meant}"  # type: ignore[attr-defined]
            raise

    def invoke(self, ctx: Any) -> Any:
        self._settle(ctx, deadline_s=30.0)
        with all_written():
            return super().invoke(ctx)

    def _settle(self, ctx: Any, deadline_s: float) -> None:
        if "home" not in ctx.params:
            return
        from orchestrator.record import settle
        from orchestrator.store import Home
        from trainables.errors import UserError

        with contextlib.suppress(UserError):  # no such home or store can be, which the command itself says
            if said := settle(Home.at(ctx.params["home"], ctx.params.get("store")), deadline_s):
                print(f"note: {said}", file=sys.stderr)


class _RecordingCommand(_Command):
    """One that does more than print: what it says can be lost, and its exit code is about what it has done."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return typer.core.TyperCommand.invoke(self, ctx)
        finally:
            self._settle(ctx, deadline_s=3.0)  # it closes its own sweep's, and other sweeps' need not hold it up
            if why := unwritten():
                print(f"note: the standard output could not be written ({why}) and is not whole", file=sys.stderr)


def _reflowed(text: str) -> str:
    """Paragraphs without their line ends, which typer would print."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


app = typer.Typer(
    name="seedwise",
    cls=_Commands,
    help=_reflowed(HELP),
    epilog="Begin with: seedwise run quickstart. Then, for data of your own: seedwise init my.yaml",
    context_settings={"help_option_names": ["--help", "-h"]},
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


for command in (
    commands.init,
    commands.plan,
    commands.run,
    commands.resume,
    commands.compare,
    commands.report,
    audit,
    losses,
    commands.predict,
    commands.sync,
    commands.ui,
    commands.doctor,
):
    kind = _RecordingCommand if command in (commands.run, commands.resume, commands.sync) else _Command
    app.command(help=_reflowed(command.__doc__ or ""), cls=kind)(command)
