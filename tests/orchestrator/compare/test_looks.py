"""What was planned and what was looked at, as the store keeps it."""

from pathlib import Path

import pytest

from orchestrator.store import LocalStore, SweepStore
from orchestrator.store.base import seal
from orchestrator.store.damage import noted_damage


@pytest.fixture
def sweeps(tmp_path: Path) -> SweepStore:
    return SweepStore(LocalStore(tmp_path))


def test_what_the_first_run_planned_stays(sweeps: SweepStore) -> None:
    assert sweeps.planned("small") is None
    sweeps.record_planned("small", {"seeds": 5})
    sweeps.record_planned("small", {"seeds": 10})
    assert sweeps.planned("small") == {"seeds": 5}


def test_looks_are_kept_in_their_order_and_each_set_of_seeds_once(sweeps: SweepStore) -> None:
    assert sweeps.looks("small") == ()
    for seeds in ((0, 1, 2), (2, 1, 0), (0, 1, 2, 3), (3, 4, 5), [0, 1, 2, 3]):
        sweeps.add_look("small", seeds)
    assert sweeps.looks("small") == ((0, 1, 2), (0, 1, 2, 3), (3, 4, 5))
    assert sweeps.looks("other") == ()
    assert sweeps.names() == []


def test_an_older_look_of_which_only_the_number_was_kept_is_still_read(sweeps: SweepStore) -> None:
    sweeps.store.create("sweeps/small/looks/0001.json", seal({"seeds": 5, "at": 1.0}))
    sweeps.add_look("small", range(5))
    assert sweeps.looks("small") == (5,)
    sweeps.add_look("small", range(6))
    assert sweeps.looks("small") == (5, (0, 1, 2, 3, 4, 5))


def test_a_damaged_plan_or_look_is_not_forgotten_in_silence(sweeps: SweepStore) -> None:
    sweeps.record_planned("small", {"seeds": 5})
    sweeps.add_look("small", range(5))
    sweeps.store.replace("sweeps/small/planned.json", b"{}")
    sweeps.store.replace("sweeps/small/looks/0001.json", b"{}")
    assert sweeps.planned("small") is None
    assert sweeps.looks("small") == ()
    told = [damage.record for damage in noted_damage(sweeps.store).values()]
    assert told == ["sweeps/small/planned.json", "sweeps/small/looks/0001.json"]
