"""What Tune gives up too soon, and what it cannot write: its experiments, played."""

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from ray.exceptions import OutOfMemoryError

from orchestrator.run.cell_work import Step
from orchestrator.run.experiments import Experiments, cut_off_in
from orchestrator.run.reporter import FOR_MEMORY, TuneReporter
from orchestrator.run.stopping import StopSwitch
from orchestrator.store import Home

KEYS = ["one", "two", "three"]
CELLS: list[Any] = [SimpleNamespace(key=key) for key in KEYS]
PLAN: Any = SimpleNamespace(cells=CELLS, spec=SimpleNamespace(name="small"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_cells_that_tune_gave_up_too_soon_are_taken_up_by_another_experiment_and_not_for_ever(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_up: list[list[str]] = []
    told: dict[str, Step] = {}
    lost = Step("lost", message="lost 1 worker: it died")

    def one_over(_: Experiments, todo: list[Any]) -> dict[str, Step]:
        taken_up.append([cell.key for cell in todo])
        return dict.fromkeys(taken_up[-1][:1], lost)  # its first is lost each time

    monkeypatch.setattr(Experiments, "_one_over", one_over)
    Experiments(PLAN, home, {}, StopSwitch(), told.__setitem__, lambda trials: None, lambda: None).over(CELLS)
    assert taken_up == [KEYS, KEYS[:1], KEYS[:1], KEYS[:1]]
    assert told == {KEYS[0]: lost}


@pytest.mark.parametrize("temporary", [True, False])
def test_a_disk_that_leaves_tune_no_room_ends_the_sweep_in_order_and_in_words(
    temporary: bool, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_over(_: Experiments, todo: list[Any]) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Experiments, "_one_over", one_over)
    monkeypatch.setattr("orchestrator.run.experiments.has_no_temporary_space", lambda: temporary)
    switch = StopSwitch()
    Experiments(PLAN, home, {}, switch, lambda key, step: None, lambda trials: None, lambda: None).over(CELLS)
    what = "what Ray keeps of a run cannot be written in" if temporary else f"{home.ray_log('small')} cannot be"
    assert switch.reason.startswith(what)
    assert ("TMPDIR" in switch.reason, "--home" in switch.reason) == (temporary, not temporary)
    assert switch.exit_code == 1


def test_a_worker_that_ray_ends_for_memory_costs_no_other_cell_its_turn() -> None:
    """Tune breaks the whole experiment off where Ray says so in an error of its own kind."""

    def fit() -> NoReturn:
        for cell, status in (("one", "finished"), ("two", "epoch")):
            result = {"cell": cell, "status": status, "epoch": 1, "message": "", "metrics": {}}
            reporter.on_trial_result(1, [], SimpleNamespace(trial_id=cell), result)
        raise RuntimeError("Caught unexpected exception: 1 worker(s) were killed") from OutOfMemoryError(
            "of memory"
        )

    told: list[str] = []
    reporter = TuneReporter(
        StopSwitch(),
        SimpleNamespace(),
        lambda key, step: told.append(key),
        lambda trials: None,
        lambda: None,
        str,  # type: ignore[arg-type]
    )
    cut_off = cut_off_in(fit, reporter, KEYS)
    assert cut_off == dict.fromkeys(KEYS[1:], Step("lost", message=FOR_MEMORY))
    assert told == KEYS[:2]


def test_another_error_within_tune_is_a_defect_and_raised() -> None:
    def fit() -> NoReturn:
        raise RuntimeError("a defect") from ValueError("of Tune's")

    with pytest.raises(RuntimeError, match="a defect"):
        cut_off_in(fit, SimpleNamespace(), KEYS)  # type: ignore[arg-type]


def test_what_tune_raises_for_another_reason_is_a_defect_and_raised(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Experiments, "_one_over", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "broken")))
    with pytest.raises(OSError, match="broken"):
        Experiments(PLAN, home, {}, StopSwitch(), lambda *_: None, lambda trials: None, lambda: None).over(CELLS)
