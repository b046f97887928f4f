"""What becomes of a sweep whose Ray has died under it. No Ray is started here."""

import threading
from typing import Any

import psutil
import pytest
from processes import PATIENCE_S

from orchestrator.run import ray_watch
from orchestrator.run.ray_watch import RayWatch


class Played:
    """A process that ends when it is told to."""

    def __init__(self, name: str):
        self.name = lambda: name
        self.state, self.is_itself = psutil.STATUS_SLEEPING, True

    def is_running(self) -> bool:
        return self.is_itself

    def status(self) -> str:
        return self.state


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The exit code with which the process would have ended, once it is set."""
    code: list[int] = []
    ended = threading.Event()

    def leave(number: int) -> None:
        code.append(number)
        ended.set()

    monkeypatch.setattr(ray_watch, "ASK_EVERY_S", 0.005)
    monkeypatch.setattr(ray_watch, "ENDS_WITHIN_S", 0.05)
    monkeypatch.setattr(ray_watch.os, "_exit", leave)
    return ended, code


def watched(*names: str) -> tuple[RayWatch, list[Played], list[str], threading.Event]:
    processes, said, told = [Played(name) for name in names], list[str](), threading.Event()

    def lost(why: str) -> None:
        said.append(why)
        told.set()

    watch = RayWatch(processes, lost)  # type: ignore[arg-type]
    watch.start()
    return watch, processes, said, told


@pytest.mark.parametrize("name", ["gcs_server", "raylet"])
def test_where_ray_has_died_and_the_driver_stands_still_the_process_ends_in_our_words(
    name: str, left: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    _, processes, said, _ = watched("python", "gcs_server", "raylet")
    next(process for process in processes if process.name() == name).state = psutil.STATUS_ZOMBIE
    ended, code = left
    assert ended.wait(PATIENCE_S)
    assert code == [1]
    assert said == [f"Ray's {name} has died, as where memory runs out and the system chooses it"]
    assert capfd.readouterr().err == (
        f"stopped: {said[0]}\nnothing that was stored is lost; run the same command to go on\n"
    )


@pytest.mark.parametrize("in_time", [True, False])
def test_before_the_process_ends_others_may_put_right_what_the_driver_cannot(in_time: bool, left: Any) -> None:
    raylet, told = Played("raylet"), threading.Event()

    def before_end() -> None:
        told.set()
        if in_time:
            watch.ended()  # after all

    watch = RayWatch([raylet], lambda _: None, before_end)  # type: ignore[list-item]
    watch.start()
    raylet.state = psutil.STATUS_ZOMBIE
    assert told.wait(PATIENCE_S)
    assert left[0].wait(0.2 if in_time else PATIENCE_S) is not in_time


def test_a_driver_that_comes_to_its_end_in_order_is_left_to_it(left: Any) -> None:
    watch, (raylet,), said, told = watched("raylet")
    raylet.state = psutil.STATUS_ZOMBIE
    assert told.wait(PATIENCE_S)
    watch.ended()
    assert not left[0].wait(0.2)
    assert len(said) == 1


def test_a_process_whose_id_is_now_anothers_has_died(left: Any) -> None:
    _, (raylet,), _, told = watched("raylet")
    raylet.is_itself = False
    assert told.wait(PATIENCE_S)
    assert left[0].wait(PATIENCE_S)


def test_what_is_ended_on_purpose_and_what_ray_starts_anew_itself_is_no_loss(left: Any) -> None:
    watch, (agent, raylet), said, told = watched("python", "raylet")
    agent.state = psutil.STATUS_ZOMBIE
    assert not told.wait(0.05)
    watch.ending()
    raylet.state = psutil.STATUS_ZOMBIE
    assert not told.wait(0.05)
    assert said == []


def test_what_ends_while_it_is_asked_for_its_name_keeps_no_sweep_from_its_start(left: Any) -> None:
    gone, raylet, told = Played("lscpu"), Played("raylet"), threading.Event()

    def name() -> str:
        raise psutil.NoSuchProcess(1)

    gone.name = name
    RayWatch([gone, raylet], lambda _: told.set()).start()  # type: ignore[list-item]
    raylet.state = psutil.STATUS_ZOMBIE
    assert told.wait(PATIENCE_S)
    assert left[0].wait(PATIENCE_S)
