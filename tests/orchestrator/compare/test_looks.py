"""What was planned and what was looked at, as the store keeps it."""

from pathlib import Path

import pytest

from orchestrator.store import LocalStore, SweepStore
from orchestrator.store.damage import noted_damage


@pytest.fixture
def sweeps(tmp_path: Path) -> SweepStore:
    return SweepStore(LocalStore(tmp_path))


def test_what_the_first_run_planned_stays(sweeps: SweepStore) -> None:
    assert sweeps.planned("small") is None
    sweeps.record_planned("small", {"seeds": 5})
    sweeps.record_planned("small", {"seeds": 10})
    assert sweeps.planned("small") == {"seeds": 5}


def test_looks_are_kept_in_their_order_and_each_number_once(sweeps: SweepStore) -> None:
    assert sweeps.looks("small") == ()
    for seeds in (5, 5, 20, 10, 20):
        sweeps.add_look("small", seeds)
    assert sweeps.looks("small") == (5, 20, 10)
    assert sweeps.looks("other") == ()
    assert sweeps.names() == []


def test_a_damaged_plan_or_look_is_not_forgotten_in_silence(sweeps: SweepStore) -> None:
    sweeps.record_planned("small", {"seeds": 5})
    sweeps.add_look("small", 5)
    sweeps.store.replace("sweeps/small/planned.json", b"{}")
    sweeps.store.replace("sweeps/small/looks/0001.json", b"{}")
    assert sweeps.planned("small") is None
    assert sweeps.looks("small") == ()
    told = [damage.record for damage in noted_damage(sweeps.store).values()]
    assert told == ["sweeps/small/planned.json", "sweeps/small/looks/0001.json"]
