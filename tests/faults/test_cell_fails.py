"""A cell whose own code raises: the others are trained, in processes that it has left nothing in."""

import json
from pathlib import Path

from orchestrator.results import ResultTable

TOO_LARGE = 10**11
"""Wide enough that no machine has the memory."""


def test_a_failed_cell_is_tried_once_told_once_and_its_process_is_not_used_again(tmp_path: Path, seedwise) -> None:
    done = seedwise(
        *("run", "quickstart", "--set", "seeds=1", "--set", "training.epochs=1", "--set", "baseline=null"),
        *("--set", "split.limit_rows=200", "--set", "data.train_rows=400", "--set", "data.test_rows=600"),
        *("--set", f"vary={{loss: [cross_entropy], model.feed_forward: [{TOO_LARGE}, 16, 8]}}"),
        *("--set", "resources.cpus=2"),  # one at a time, also on the smallest machine
        home=tmp_path,
        code=1,
    )
    assert done.stdout.count("seed 0: failed (out of memory") == 1
    frame = ResultTable.open("quickstart", tmp_path).frame
    assert list(frame["status"]) == ["failed", "finished", "finished"]
    failed, *finished = frame["key"]
    assert len(list((tmp_path / "cells" / failed / "failures").iterdir())) == 1
    pids = [_last_holder(tmp_path / "cells" / key)["pid"] for key in (failed, *finished)]
    assert pids[0] not in pids[1:]


def _last_holder(cell: Path) -> dict[str, object]:
    holder: dict[str, object] = json.loads(max((cell / "lease").iterdir()).read_text())["content"]
    return holder
