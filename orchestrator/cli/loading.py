"""How a command loads what it needs: without looking for garbage in it, again and again.

What modules define lives to the end of the process. torch alone makes a million objects, and Python looks through
all of them several times while they are made, and after: a seventh of the processor's time of a run that finds
nothing to do.
"""

import contextlib
import gc
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Inside, imports alone. A program that has loaded torch itself keeps its garbage as it is."""
    if "torch" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
