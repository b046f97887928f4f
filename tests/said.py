"""How a command that a test calls has ended."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """Its exit code, and what it said."""

    code: int
    out: str
    err: str


Call = Callable[..., Said]
