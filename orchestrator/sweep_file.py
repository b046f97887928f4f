"""From a sweep's name or path, and the command line, to a sound `SweepSpec`.

In: `quickstart`, or `my/sweep.yaml`, and options. Out: a `LoadedSweep`. Every error is a `SettingsError` with one
line for each setting at fault, naming the file and its line, or the option.
"""

import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import eq
from pathlib import Path
from typing import Any

from orchestrator.overrides import Overridden, override
from orchestrator.spec import SweepSpec
from orchestrator.sweep_text import read_sweep
from orchestrator.sweep_yaml import Document, read_yaml
from search_spaces.faults import Fault, FaultyError
from search_spaces.validate import validate
from trainables.errors import SettingsError


@dataclass(frozen=True)
class LoadedSweep:
    """A sweep, and what it was read from."""

    spec: SweepSpec
    where: str
    """The file, as messages name it."""
    text: str
    """What the file says, before any option."""
    options: tuple[str, ...]
    """What the command line changed: `--set training.epochs=3`, `--seeds 2`, `--smoke`."""
    asked: str = ""
    """As the command line named it: a shipped sweep's name, or a path."""


def load_sweep(
    name_or_path: str | Path, *, set_: Sequence[str] = (), seeds: int | None = None, smoke: bool = False
) -> LoadedSweep:
    """Read, change, check. What is not the name of a shipped sweep is a path.

    `set_` holds assignments such as `training.epochs=3`. Raises `SettingsError`.
    """
    where, text = read_sweep(str(name_or_path))
    document = read_yaml(text, where)
    if document.value is None:
        raise SettingsError(f"{where} is empty; seedwise init my.yaml writes a sweep file to start from")
    if not isinstance(document.value, dict):
        raise SettingsError(
            f"{where}: a sweep file says key: value, not {reprlib.repr(document.value)}; seedwise init my.yaml "
            "writes one, whose data.path names a file of texts"
        )
    values = {"name": Path(where).stem, **document.value}
    changed = override(values, set_, seeds, smoke)
    try:
        spec = validate(SweepSpec, changed.values, "a sweep")
    except FaultyError as error:
        named = ("name",) in document.lines or ("name",) in changed.by_path
        faults = error.faults if named else [_of_file_name(fault) for fault in error.faults]
        raise SettingsError("\n".join(_placed(faults, where, document, changed))) from error
    return LoadedSweep(spec, where, text, changed.options, str(name_or_path))


def _of_file_name(fault: Fault) -> Fault:
    if fault.path != ("name",):
        return fault
    return Fault(fault.path, f"{fault.text}; the name is that of the file, which has no `name:` of its own")


def _placed(faults: Sequence[Fault], where: str, document: Document, changed: Overridden) -> list[str]:
    """Each fault's sentence behind the option or the line that it comes from: the file's lines, then the options,
    each in their order, and last what is written nowhere, for a misspelling may be why it is missing."""
    placed: list[tuple[bool, bool, int, str]] = []
    for fault in faults:
        option = _option_behind(fault.path, changed.by_path)
        line = next((document.lines[path] for path in _up(fault.path) if path in document.lines), 0)
        origin = option or (f"{where}:{line}" if line else where)
        place = changed.options.index(option) if option else line
        placed.append((origin == where, option is not None, place, f"{origin}: {fault.text}"))
    return [text for *_, text in sorted(placed, key=lambda item: item[:3])]


def _option_behind(path: tuple[Any, ...], by_path: Mapping[tuple[Any, ...], str]) -> str | None:
    """The last option that set the value, or what it lies in, or something in it."""
    related = [option for set_, option in by_path.items() if all(map(eq, set_, path)) and path]
    return related[-1] if related else None


def _up(path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The path, then what it lies in, up to the outermost group."""
    return [path[:length] for length in range(len(path), 0, -1)]
