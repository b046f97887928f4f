"""From a sweep's name or path to the text of its file; what the text says is `sweep_file.py`'s to know.

Imports next to nothing, so that a misspelt name is told at once: the settings themselves need torch, which takes
seconds.
"""

import contextlib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from search_spaces.faults import did_you_mean
from trainables.errors import SettingsError

SUFFIXES = (".yaml", ".yml")
TEMPLATE = "own_data"
"""The shipped sweep that `seedwise init` copies."""


def shipped_sweeps() -> dict[str, str]:
    """Name → text of the sweeps that come with seedwise."""
    files = resources.files("search_spaces").iterdir()
    names = sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))
    return {name: resources.files("search_spaces").joinpath(f"{name}.yaml").read_text("utf-8") for name in names}


def template() -> str:
    """The sweep file that a new user begins with."""
    return shipped_sweeps()[TEMPLATE]


def refuse_missing(name_or_path: str) -> None:
    """Raises SettingsError where no such sweep comes with seedwise and no such file is there. Opens nothing.

    What else is wrong with it, `read_sweep` says.
    """
    shipped, path = shipped_sweeps(), Path(name_or_path)
    with contextlib.suppress(OSError):  # too long a name, say, or a folder that may not be searched
        if name_or_path.strip() and name_or_path not in shipped and not path.exists():
            raise SettingsError(_not_found(name_or_path, path, shipped))


def read_sweep(name_or_path: str) -> tuple[str, str]:
    """How to call the file, and its text. Raises SettingsError where there is no such file, or no text in it."""
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
        hint = did_you_mean(asked, shipped)
        beside = next((f"{asked}{suffix}" for suffix in SUFFIXES if Path(f"{asked}{suffix}").is_file()), None)
        hint = f"; did you mean the file {beside}?" if beside else hint
    else:
        near = path.parent.glob("*.y*ml") if path.parent.is_dir() else []
        hint = did_you_mean(path.name, [file.name for file in near])
    return f"{asked}: there is no such file{hint} (sweeps that come with seedwise: {', '.join(shipped)})"
