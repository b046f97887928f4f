"""The long one: the driver is killed at random moments, over and over, until a larger sweep is done."""

import random
import time

import pytest
from ledger import assert_as_undisturbed
from processes import PATIENCE_S

SWEEP = (
    *("run", "quickstart", "--set", "seeds=5", "--set", "training.epochs=6", "--set", "split.limit_rows=600"),
    *("--set", "data.train_rows=1200", "--set", "data.test_rows=1200"),
)
KILLS = 25


@pytest.mark.campaign
def test_dozens_of_kills_at_random_moments_leave_no_trace(tmp_path, start_seedwise, seedwise):
    reference, home = tmp_path / "undisturbed", tmp_path / "killed"
    seedwise(*SWEEP, home=reference)
    moments = random.Random(20)
    kills = 0
    while kills < KILLS:
        process = start_seedwise(*SWEEP, home=home)
        records = len(list(home.glob("cells/*/history/*.json")))
        # Most of them while cells train; some while Ray starts, some between a result and its record.
        wanted = records + moments.choice((0, 1, 1, 2, 3))
        deadline = time.monotonic() + PATIENCE_S
        while process.poll() is None and len(list(home.glob("cells/*/history/*.json"))) < wanted:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(moments.uniform(0.0, 2.0))
        if process.poll() is not None:  # it is done before its time
            break
        process.kill()
        process.communicate()
        kills += 1
    assert kills >= 20
    seedwise(*SWEEP, home=home)
    assert_as_undisturbed("driver killed (SIGKILL)", home, reference, kills=kills)
