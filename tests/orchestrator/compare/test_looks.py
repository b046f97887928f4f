"""What was planned and what was looked at, as the store keeps it."""

from pathlib import Path

import pytest

from orchestrator.store import LocalStore, SweepStore
from orchestrator.store.damage import noted_damage
from orchestrator.store.noted_looks import NotedLook, Question


@pytest.fixture
def sweeps(tmp_path: Path) -> SweepStore:
    return SweepStore(LocalStore(tmp_path))


def question(*arms: str, metric: str = "test_nll", margin: float | None = None) -> Question:
    """Of each arm against the first."""
    runs = [frozenset(f"{arm}-{seed}" for seed in range(2)) for arm in arms]
    return Question(frozenset(frozenset((runs[0], other)) for other in runs[1:]), metric, margin)


def test_what_the_first_run_planned_stays(sweeps: SweepStore) -> None:
    assert sweeps.planned("small") is None
    sweeps.record_planned("small", {"seeds": 5})
    sweeps.record_planned("small", {"seeds": 10})
    assert sweeps.planned("small") == {"seeds": 5}


def test_looks_at_all_sweeps_are_kept_as_they_were_in_their_order_and_each_once(sweeps: SweepStore) -> None:
    assert sweeps.looks() == ()
    two, three = question("a", "b"), question("a", "b", "c", margin=0.5)
    shown = [
        NotedLook("small", (0, 1), two, plain=True),
        NotedLook("other", (0, 1), two, plain=True),
        NotedLook("small", (0, 1), three, plain=False),
    ]
    for look in (*shown, *shown):
        sweeps.add_look(look)
    assert sweeps.looks() == tuple(shown)
    assert sweeps.names() == []


def test_a_damaged_plan_or_look_is_not_forgotten_in_silence(sweeps: SweepStore) -> None:
    sweeps.record_planned("small", {"seeds": 5})
    sweeps.add_look(NotedLook("small", (0, 1), question("a", "b"), plain=True))
    sweeps.store.replace("sweeps/small/planned.json", b"{}")
    sweeps.store.replace("sweeps/small/looks/0001.json", b"{}")
    assert sweeps.planned("small") is None
    assert sweeps.looks() == ()
    told = [damage.record for damage in noted_damage(sweeps.store).values()]
    assert told == ["sweeps/small/planned.json", "sweeps/small/looks/0001.json"]
