"""What MLflow shows of a sweep while a recorder is at work, and how to wait for it."""

import time
from collections.abc import Callable

from hand_made import HandMadeSweep


def wait_until(true: Callable[[], bool], for_s: float = 250.0) -> None:
    deadline = time.monotonic() + for_s
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def statuses(sweep: HandMadeSweep) -> dict[str, str]:
    return {run.data.tags.get("seedwise.cell", "the sweep"): run.info.status for run in sweep.runs()}
