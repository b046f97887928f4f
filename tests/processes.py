"""The sweep that tests with real processes run."""

import subprocess
from collections.abc import Callable

TINY_QUICKSTART = (
    *("run", "quickstart", "--set", "seeds=2", "--set", "training.epochs=2", "--set", "split.limit_rows=300"),
    *("--set", "data.train_rows=600", "--set", "data.test_rows=900"),
)
"""2 losses × 2 seeds × 2 epochs, in seconds: real tokens, the real encoder, real Ray, real MLflow."""

PATIENCE_S = 1200.0
"""So long a test waits for what must come, before it says that it has not: a machine may have much else to do."""

Start = Callable[..., "subprocess.Popen[str]"]
"""What the fixture `start_seedwise` gives."""

Run = Callable[..., "subprocess.CompletedProcess[str]"]
"""What the fixture `seedwise` gives."""
