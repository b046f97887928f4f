"""What was planned and what was looked at, as the store keeps it."""

from pathlib import Path
from threading import Barrier

import pytest

from orchestrator.store import LocalStore, SweepStore
from orchestrator.store.damage import noted_damage, set_aside
from orchestrator.store.noted_looks import NotedLook, Question
from orchestrator.store.noted_plans import NotedPlan


@pytest.fixture
def sweeps(tmp_path: Path) -> SweepStore:
    return SweepStore(LocalStore(tmp_path))


def question(*arms: str, metric: str = "test_nll", margin: float | None = None) -> Question:
    """Of each arm against the first."""
    runs = [frozenset(f"{arm}-{seed}" for seed in range(2)) for arm in arms]
    return Question(frozenset(frozenset((runs[0], other)) for other in runs[1:]), metric, margin)


def test_what_is_planned_is_kept_as_it_was(sweeps: SweepStore) -> None:
    assert sweeps.planned("small") is None
    pair = frozenset([frozenset("ab")])
    for planned in (
        NotedPlan((0, 1), "test_nll", None, pair),
        NotedPlan((0, 7), "test_nll", 0.5, pair, 1, frozenset("k")),
    ):
        sweeps.note_plan("small", planned)
        assert sweeps.planned("small") == planned


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
    sweeps.note_plan("small", NotedPlan((0, 1), "test_nll", None, frozenset()))
    sweeps.add_look(NotedLook("small", (0, 1), question("a", "b"), plain=True))
    sweeps.store.replace("sweeps/small/planned.json", b"{}")
    sweeps.store.replace("sweeps/small/looks/0001.json", b"{}")
    assert sweeps.planned("small") is None
    assert sweeps.looks() == ()
    told = [damage.record for damage in noted_damage(sweeps.store).values()]
    assert told == ["sweeps/small/planned.json", "sweeps/small/looks/0001.json"]
    assert sweeps.has_lost_notes("small")
    assert not sweeps.has_lost_notes("smaller")


@pytest.mark.parametrize(
    ("record", "lost"), [("choices/0001.json", True), ("plan.json", False), ("sweep.yaml", False)]
)
def test_only_a_damaged_note_of_what_was_to_be_seen_is_missed(sweeps: SweepStore, record: str, lost: bool) -> None:
    assert not sweeps.has_lost_notes("small")
    set_aside(sweeps.store, f"sweeps/small/{record}", b"{}")
    assert sweeps.has_lost_notes("small") == lost


class FarAway(LocalStore):
    """Answers reads only when so many are asked for side by side; counts them."""

    at_once = 4

    def __init__(self, root: Path, waiting: int):
        super().__init__(root)
        self.read_names: list[str] = []
        self.together = Barrier(waiting, timeout=20)

    def read(self, name: str) -> bytes | None:
        self.read_names.append(name)
        self.together.wait()
        return super().read(name)


def test_the_looks_at_many_sweeps_are_read_side_by_side_and_those_of_one_where_no_other_matters(
    sweeps: SweepStore, tmp_path: Path
) -> None:
    shown = [NotedLook(f"sweep {number}", (0, 1), question("a", "b"), plain=True) for number in range(8)]
    for look in shown:
        sweeps.add_look(look)
    far = FarAway(tmp_path, waiting=4)
    assert SweepStore(far).looks() == tuple(shown)
    assert len(far.read_names) == 8
    one = FarAway(tmp_path, waiting=1)
    SweepStore(one).add_look(shown[3])
    assert one.read_names == ["sweeps/sweep 3/looks/0001.json"]
    assert sweeps.looks() == tuple(shown)
