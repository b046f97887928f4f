"""From a sweep's name or path, and the command line, to a sound `SweepSpec`.

In: `quickstart`, or `my/sweep.yaml`, and options. Out: a `LoadedSweep`. Every error is a `SettingsError` with one
line for each setting at fault, naming the file and its line, or the option.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from operator import eq
from pathlib import Path
from typing import Any

from orchestrator.overrides import Overridden, override
from orchestrator.spec import SweepSpec
from orchestrator.sweep_yaml import Document, read_yaml
from search_spaces.faults import Fault, FaultyError, did_you_mean
from search_spaces.validate import validate
from trainables.errors import SettingsError

SUFFIXES = (".yaml", ".yml")
TEMPLATE = "own_data"
"""The shipped sweep that `seedwise init` copies."""


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
    where, text = _read(str(name_or_path))
    document = read_yaml(text, where)
    if document.value is None:
        raise SettingsError(f"{where} is empty; seedwise init my.yaml writes a sweep file to start from")
    if not isinstance(document.value, dict):
        raise SettingsError(f"{where}: a sweep file says key: value, not {document.value!r:.40}")
    values = {"name": Path(where).stem, **document.value}
    changed = override(values, set_, seeds, smoke)
    try:
        spec = validate(SweepSpec, changed.values, "a sweep")
    except FaultyError as error:
        named = ("name",) in document.lines or ("name",) in changed.by_path
        faults = error.faults if named else [_of_file_name(fault) for fault in error.faults]
        raise SettingsError("\n".join(_placed(faults, where, document, changed))) from error
    return LoadedSweep(spec, where, text, changed.options, str(name_or_path))


def shipped_sweeps() -> dict[str, str]:
    """Name → text of the sweeps that come with seedwise."""
    files = resources.files("search_spaces").iterdir()
    names = sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))
    return {name: resources.files("search_spaces").joinpath(f"{name}.yaml").read_text("utf-8") for name in names}


def template() -> str:
    """The sweep file that a new user begins with."""
    return shipped_sweeps()[TEMPLATE]


def _read(name_or_path: str) -> tuple[str, str]:
    """How to call the file, and its text."""
    path = Path(name_or_path)
    shipped = shipped_sweeps()
    if not name_or_path.strip():
        raise SettingsError(
            f"the name of the sweep is empty; give one that comes with seedwise ({', '.join(shipped)}), or the "
            "path of a sweep file"
        )
    if name_or_path in shipped:
        return f"search_spaces/{name_or_path}.yaml", shipped[name_or_path]
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise SettingsError(_not_found(name_or_path, path, shipped)) from error
    except IsADirectoryError as error:
        raise SettingsError(f"{path} is a folder; name a sweep file in it") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        return str(path), data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            f"{path}:{line}: the byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        ) from error


def _not_found(asked: str, path: Path, shipped: Mapping[str, str]) -> str:
    if "/" not in asked:
        hint = did_you_mean(asked.removesuffix(".yaml").removesuffix(".yml"), shipped)
        beside = next((f"{asked}{suffix}" for suffix in SUFFIXES if Path(f"{asked}{suffix}").is_file()), None)
        hint = f"; did you mean the file {beside}?" if beside else hint
    else:
        near = path.parent.glob("*.y*ml") if path.parent.is_dir() else []
        hint = did_you_mean(path.name, [file.name for file in near])
    return f"{asked}: there is no such file{hint} (sweeps that come with seedwise: {', '.join(shipped)})"


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
