"""A run that a defect or its store has ended on the way leaves nothing RUNNING in MLflow either."""

import threading
import time
from pathlib import Path
from typing import NoReturn

import pytest
from hand_made import HandMadeSweep
from in_process import without_ray

from orchestrator.cli import main
from orchestrator.cli.carry_out import RECORD_DEADLINE_WHEN_BROKEN_S
from orchestrator.record import Recorder, sync_sweep


def test_what_it_showed_as_running_is_closed(sweep: HandMadeSweep) -> None:
    key, recorder = sweep.keys[0], Recorder(sweep.home, sweep.name)
    sweep.hold(key).release()
    sweep.take_up(key, at=time.time())
    sweep.epoch(key, 1)
    recorder.notify(key)
    recorder.start()
    deadline = time.monotonic() + 250
    while not sweep.runs():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    recorder.give_up(250)
    assert [run.info.status for run in sweep.runs()] == ["KILLED", "KILLED"]


def test_one_that_never_began_or_has_ended_is_left_alone(
    sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    never, ended = Recorder(sweep.home, sweep.name), Recorder(sweep.home, sweep.name)
    ended.finish(250)
    monkeypatch.setattr(Recorder, "finish", lambda *_, **__: pytest.fail("it was told of the end"))
    never.give_up(250)
    ended.give_up(250)
    assert sweep.runs() != []


def test_a_run_gives_it_up_whatever_breaks_after_the_first_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def a_defect(*_: object) -> NoReturn:
        raise ZeroDivisionError("a defect of ours")

    file, told = tmp_path / "small.yaml", list[float]()
    file.write_text(
        "data: {source: synthetic, train_rows: 60, test_rows: 60, median_words: 20}\n"
        "split: {validation: {of: test, size: 20}}\n"
        "model: {name: bag_of_embeddings, width: 4}\ntraining: {epochs: 1}\nseeds: 1\n"
        "vary: {loss: [cross_entropy, binary_cross_entropy]}\n"
    )
    without_ray(monkeypatch)
    monkeypatch.setattr(Recorder, "start", lambda self: setattr(self, "_thread", threading.current_thread()))
    monkeypatch.setattr(Recorder, "finish", lambda self, deadline_s: told.append(deadline_s))
    monkeypatch.setattr("orchestrator.cli.carry_out.ResultTable.of", a_defect)
    with pytest.raises(ZeroDivisionError):
        main(["run", str(file), "--home", str(tmp_path / "home")])
    assert told == [RECORD_DEADLINE_WHEN_BROKEN_S]


def test_a_pass_that_is_asked_to_stop_ends_with_the_cell_under_way_and_leaves_none_running(
    sweep: HandMadeSweep,
) -> None:
    first, second, third = sweep.keys[:3]
    sweep.hold(third).release()
    for key in (first, second, third):
        sweep.take_up(key)
    record = sweep.opened()
    record.record_cell(third)
    sweep.client.update_run(sweep.child(third).info.run_id, status="RUNNING")  # as a killed driver leaves it
    sweep.finish(first)
    sweep.finish(second)
    state = sync_sweep(sweep.home, sweep.name, stop=lambda: len(sweep.runs()) == 3)
    assert (state.recorded, state.behind, state.error) == (1, 2, "it was asked to stop")
    shown = {run.data.tags.get("seedwise.cell", ""): run.info.status for run in sweep.runs()}
    assert shown == {"": "KILLED", first: "FINISHED", third: "KILLED"}
    assert sync_sweep(sweep.home, sweep.name).recorded == 3
    assert sweep.child(second).info.status == "FINISHED"
