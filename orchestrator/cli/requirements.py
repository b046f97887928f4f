"""Whether Python and torch are new enough, asked before anything that needs them is imported.

This file, `entry.py` and `early_end.py` parse under any Python 3, so that an old one hears what is wrong.
"""

import importlib.metadata
import re
import sys

PYTHON = (3, 11)
TORCH = (2, 11)


def complaint() -> str:
    """What is too old or missing, with the remedy; empty if all is well."""
    if sys.version_info[:2] < PYTHON:
        return "Python %d.%d is too old: seedwise needs %d.%d or newer; make a virtual environment with one" % (
            *sys.version_info[:2],
            *PYTHON,
        )
    try:
        installed = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return "torch is not installed: pip install 'torch>=%d.%d'" % TORCH
    if tuple(int(number) for number in re.findall(r"\d+", installed)[:2]) < TORCH:
        return "torch %s is too old: seedwise needs %d.%d or newer: pip install 'torch>=%d.%d'" % (
            installed,
            *TORCH,
            *TORCH,
        )
    return ""
