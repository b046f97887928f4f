"""Standard streams that stop nothing: a reader that goes away, a disk that is full.

A sweep trains for days behind `| tee`, a terminal, or a log with a quota, and must not end with these: what it says
at its end stands in the report, too. A command behind `| head` ends with the exit code that it has without.

Who has gone will never read again (a closed pipe or terminal), and need not be told. A disk that takes nothing is
another matter, for somebody counts on what it should hold: that is told, and later writes are tried, since room may
be made.
"""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO

import typer

from trainables.errors import UserError


class OutlivingStream:
    """A standard stream that raises nothing: what cannot be written is dropped."""

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._is_terminal = stream.isatty()  # asked now: one that is closed no longer says so
        self.refusal = ""
        """Why something is missing that somebody counts on; empty where nothing is."""

    def write(self, text: str) -> int:
        try:
            self._stream.write(text)
        except OSError as error:
            self._drop(error)
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._drop(error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _drop(self, refused: OSError) -> None:
        has_gone = self._is_terminal or refused.errno == errno.EPIPE
        if not has_gone:
            self.refusal = refused.strerror or str(refused)
        with contextlib.suppress(OSError):  # a stream without a file, such as a notebook's
            number = self._stream.fileno()
            before = os.dup(number)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)
            self._stream.flush()  # what is buffered would be refused again, at the latest when Python ends
            if not has_gone:  # else it stays so, also for what else writes there
                os.dup2(before, number)
            os.close(before)


@contextlib.contextmanager
def outliving_streams() -> Iterator[None]:
    """Inside, nothing that is printed raises, wherever it goes."""
    before = {name: getattr(sys, name) for name in ("stdin", "stdout", "stderr")}
    with contextlib.ExitStack() as opened:
        for name, stream in before.items():
            if stream is None:  # closed, as by `>&-`; opened in its order, so that no file of ours gets its number
                stream = opened.enter_context(open(os.devnull, "r" if name == "stdin" else "w"))
                setattr(sys, name, stream)
            if name != "stdin":
                setattr(sys, name, OutlivingStream(stream))
        try:
            yield
        finally:
            for name, stream in before.items():
                if name != "stdin":
                    getattr(sys, name).flush()
                setattr(sys, name, stream)


def unwritten() -> str:
    """Why something that was printed is not in the file where it should be; empty if all is."""
    sys.stdout.flush()
    return getattr(sys.stdout, "refusal", "")


@contextlib.contextmanager
def all_written() -> Iterator[None]:
    """For a command that is there for what it prints: raises UserError where that is not whole."""
    try:
        yield
    except typer.Exit:
        if not unwritten():
            raise
    if why := unwritten():
        raise UserError(
            f"the standard output cannot be written ({why}), and what it holds is not whole; once that is mended, "
            "the same command prints it"
        )
