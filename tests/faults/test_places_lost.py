"""The places that a sweep writes to: a disk that is full, Ray's own folder gone, a clock that is set back."""

import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ledger import assert_as_undisturbed
from processes import PATIENCE_S, TINY_QUICKSTART
from recorded import recorded_runs
from small_disk import small_disk
from without_ray import ended, start_without_ray

from orchestrator.plan import PlannedCell

FILLING = """
import contextlib, pathlib
home = pathlib.Path({home!r})

def disturb(cell, number):
    ballast = home / "ballast"
    if list(home.glob("cells/*/result.json")) and not ballast.exists():
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(1024)):
                pass
"""


def test_a_full_disk_stops_the_sweep_in_words_and_it_goes_on_when_there_is_space(
    tmp_path: Path, undisturbed_home: Path
) -> None:
    with small_disk(tmp_path / "small disk", "size=50m") as home:
        said = ended(start_without_ray(home, FILLING.format(home=str(home))), code=1)
        assert "1 of 4 cells finished" in said
        assert "no space is left on its disk" in said
        assert "free some" in said
        assert "run the same command to go on" in said
        (home / "ballast").unlink()
        ended(start_without_ray(home))
        assert_as_undisturbed("disk full, then space made", home, undisturbed_home)


@pytest.mark.campaign
def test_nobody_misses_rays_own_folder(tmp_path, start_seedwise, seedwise, undisturbed_home, ray_folder):
    process = start_seedwise(*TINY_QUICKSTART, home=tmp_path)
    while not list(tmp_path.glob("cells/*/history/0001.json")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_S)
    assert any(ray_folder.iterdir())
    shutil.rmtree(ray_folder)
    seedwise(*TINY_QUICKSTART, home=tmp_path)
    assert_as_undisturbed("Ray's session folder deleted between runs", tmp_path, undisturbed_home)


def test_where_the_clock_is_set_back_the_record_stays_ordered_by_epoch(
    tmp_path: Path, here: Callable[..., Any], undisturbed_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time
    set_back = set()

    def disturb(cell: PlannedCell, number: int) -> None:
        if number == 2:  # after its first epoch; further back with each cell
            set_back.add(cell.key)
            monkeypatch.setattr(time, "time", lambda: now() - 3600.0 * len(set_back))

    here(*TINY_QUICKSTART, home=tmp_path, disturb=disturb)
    assert len(set_back) == 4
    client, _, children = recorded_runs(tmp_path)
    for run in children:
        points = client.get_metric_history(run.info.run_id, "validation_accuracy")
        assert [point.step for point in sorted(points, key=lambda point: point.timestamp)] == [1, 2]
    assert_as_undisturbed("clock set back by an hour, again and again", tmp_path, undisturbed_home)
