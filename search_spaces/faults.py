"""What is wrong with settings, and where: a path into them and a sentence.

A path is what one would write to reach the value: `("training", "epochs")`, `("vary", "loss", 1)`. Whoever read
the settings from a file knows the line of a path; nobody here does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from trainables.errors import SettingsError

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """One thing wrong. The text is a whole sentence that needs no line number to be understood."""

    path: Path
    text: str


class FaultyError(SettingsError):
    """All that is wrong with some settings, one sentence a line."""

    def __init__(self, faults: Iterable[Fault]):
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.text for fault in self.faults))


def dotted(path: Sequence[str | int]) -> str:
    """`training.epochs`, `seeds[1]`: a path as one reads it."""
    said = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return said.removeprefix(".")


def shown(value: Any, longest: int = 60) -> str:
    """A value as a sweep file would have it, cut where it is long."""
    match value:
        case None:
            said = "null"
        case bool():
            said = str(value).lower()
        case _:
            said = repr(value)
    return said if len(said) <= longest else f"{said[: longest - 1]}…"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """What the word was probably meant to be."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean width?` where something known is near, else nothing."""
    near = nearest(word, known)
    return f"; did you mean {near}?" if near is not None else ""


def unknown(word: str, known: Iterable[str]) -> str:
    """`; did you mean width? (known: width, heads)`: the end of a sentence about a word that is not known."""
    known = list(known)
    return f"{did_you_mean(word, known)} (known: {', '.join(known) or 'none'})"
