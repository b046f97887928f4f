"""A terminal that is closed while a command runs: by then nobody reads, and that must stop nothing."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO


class OutlivedTerminal:
    """A standard stream on a terminal. Once that is gone, what is written goes nowhere."""

    def __init__(self, stream: TextIO):
        self._stream = stream

    def write(self, text: str) -> int:
        with self._outlived():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._outlived():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextlib.contextmanager
    def _outlived(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            # Also for what else writes there, such as Python itself when it ends.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextlib.contextmanager
def outliving_terminal() -> Iterator[None]:
    """Inside, a closed terminal raises nothing. Files and pipes are left alone: a full disk must be told."""
    before = sys.stdout, sys.stderr
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and stream.isatty():
            setattr(sys, name, OutlivedTerminal(stream))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
