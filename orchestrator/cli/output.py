"""Where commands print."""

import sys

from rich.console import Console

PLAIN_WIDTH = 120
"""Columns of output that goes to a file or a pipe."""


def standard_output() -> Console:
    """The standard output of now; what replaces it later, as a log does while Ray runs, is not followed."""
    return Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
