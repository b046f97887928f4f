"""The commands to try after a run, as they are to be typed."""

import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from orchestrator.addresses import BETTER_SET, holds_secret, shown, to_type
from orchestrator.cli.run_command import RunCommand
from trainables.settings import Settings

ALIGNED = 80
"""Commands up to this length have their purposes below one another; a longer one has it right behind it."""


class Help(Settings):
    """What to add to the command to settle what it left open, and what that does."""

    words: tuple[str, ...]
    purpose: str


def print_next_steps(
    out: Console, command: RunCommand, *, done: bool, recorded: bool, helps: Help | None = None
) -> None:
    """Whatever was said on the command line and is still needed is in them.

    `done`: no cell is left. `recorded`: MLflow holds all of the sweep. `helps`: what would settle what is open.
    """
    loaded, spec, uri = command.loaded, command.loaded.spec, command.tracking_uri
    at_home = [] if command.home is None else ["--home", str(command.home)]
    tracked = [] if uri is None else ["--tracking-uri", to_type(uri)]
    joined = [] if command.address is None else ["--address", command.address]
    settings = [word for option in loaded.options if option.startswith("--set ") for word in option.split(" ", 1)]
    others = [word for option in loaded.options if not option.startswith("--set ") for word in option.split()]
    where = [*at_home, *tracked, *joined]
    run = ["run", loaded.asked, *settings, *where]
    steps = [(["compare", spec.name, *at_home], "see verdicts and tables again")]
    if uri is None:
        steps.insert(0, (["ui", *at_home], "look at the runs in MLflow's page"))
    if not done:
        steps.insert(0, ([*run, *others], "go on"))
    elif "--smoke" in loaded.options:
        whole = [word for word in others if word != "--smoke"]
        steps.append(([*run, *whole], "train the whole of it"))
    elif helps is not None:
        kept = _not_set_by(helps.words, settings)
        steps.append((["run", loaded.asked, *kept, *where, *helps.words], helps.purpose))
    if not recorded:
        steps.insert(0, (["sync", spec.name, *at_home, *tracked], "record in MLflow what it lacks"))
    lines = [(shlex.join([_program(), *words]), purpose) for words, purpose in steps]
    width = max((len(typed) for typed, _ in lines if len(typed) <= ALIGNED), default=0)
    if uri is not None:
        out.print(f"the runs are in MLflow at {shown(uri)}", markup=False, soft_wrap=True)
    for number, (typed, purpose) in enumerate(lines):
        out.print(f"{'' if number else 'next:':<8}{typed:<{width}}  {purpose}", markup=False, soft_wrap=True)
    if uri is not None and holds_secret(uri):
        out.print(BETTER_SET, markup=False, soft_wrap=True)


def _not_set_by(words: Sequence[str], settings: Sequence[str]) -> list[str]:
    """Of `--set KEY=VALUE …` what those words do not say anew."""
    anew = {word.partition("=")[0] for word in words} | {"seeds" for word in words if word == "--seeds"}
    kept = [setting for setting in settings[1::2] if setting.partition("=")[0] not in anew]
    return [word for setting in kept for word in ("--set", setting)]


def _program() -> str:
    """`seedwise`; by its path, as it was called, where the shell would not find that."""
    called = sys.argv[0]
    return called if Path(called).name == "seedwise" and shutil.which("seedwise") is None else "seedwise"
