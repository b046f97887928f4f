"""What was planned and what was looked at, as the store keeps it."""

from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from orchestrator.store import LocalStore, SweepStore
from orchestrator.store.damage import noted_damage, set_aside
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes
from orchestrator.store.question import Question


@pytest.fixture
def sweeps(tmp_path: Path) -> SweepStore:
    return SweepStore(LocalStore(tmp_path))


def question(*arms: str, metric: str = "test_nll", margin: float | None = None) -> Question:
    """Of each arm against the first."""
    runs = [frozenset(f"{arm}-{seed}" for seed in range(2)) for arm in arms]
    alone = frozenset(runs) if len(runs) == 1 else frozenset()
    return Question(frozenset(frozenset((runs[0], other)) for other in runs[1:]), metric, margin, alone)


def planned(sweep: str, *arms: str, **of: Any) -> NotedPlan:
    return NotedPlan(sweep, (0, 1), question(*arms), **of)


def test_what_is_planned_is_kept_as_it_was_in_its_order(sweeps: SweepStore) -> None:
    assert sweeps.notes() == Notes()
    plans = (
        planned("small", "a", "b"),
        planned("other", "a", seen=frozenset(["a-0"]), left_out=({"a-0": 0, "a-7": 7},)),
        planned("small", "a", "b", "c", arms_there=4),
    )
    for plan in plans:
        sweeps.note_plan(plan)
    assert sweeps.notes().plans == plans
    assert plans[1].question.arms == {frozenset(["a-0", "a-1"])}


def test_looks_at_all_sweeps_are_kept_as_they_were_in_their_order_and_each_once(sweeps: SweepStore) -> None:
    two, three = question("a", "b"), question("a", "b", "c", margin=0.5)
    shown = [
        NotedLook("small", (0, 1), two, plain=True),
        NotedLook("other", (0, 1), two, plain=True, sharing=3),
        NotedLook("small", (0, 1), replace(three, tries=frozenset([("b-0", 2)])), plain=False, tests=6),
    ]
    for look in (*shown, *shown):
        sweeps.add_look(look)
    assert sweeps.notes().looks == tuple(shown)
    assert sweeps.names() == []


def test_a_damaged_plan_or_look_is_not_forgotten_in_silence(sweeps: SweepStore) -> None:
    sweeps.note_plan(planned("small", "a", "b"))
    sweeps.add_look(NotedLook("small", (0, 1), question("a", "b"), plain=True))
    sweeps.store.replace("sweeps/small/planned/0001.json", b"{}")
    sweeps.store.replace("sweeps/small/looks/0001.json", b"{}")
    assert sweeps.notes() == Notes(lost=(None,))
    told = [damage.record for damage in noted_damage(sweeps.store).values()]
    assert sorted(told) == ["sweeps/small/looks/0001.json", "sweeps/small/planned/0001.json"]


def test_of_a_damaged_note_the_cells_are_told_by_the_plan_and_the_other_notes_of_its_sweep(
    sweeps: SweepStore,
) -> None:
    sweeps.note_plan(planned("small", "a", "b"))
    sweeps.add_look(NotedLook("small", (0, 1), question("c", "b"), plain=True))
    sweeps.save("small", {"cells": [{"key": "d-0"}]}, "")
    sweeps.save("other", {"cells": [{"key": "e-0"}]}, "")
    set_aside(sweeps.store, "sweeps/small/looks/0007.json", b"{}")
    (lost,) = sweeps.notes().lost
    assert lost == {"a-0", "a-1", "b-0", "b-1", "c-0", "c-1", "d-0"}
    sweeps.store.delete("sweeps/small/plan.json")
    assert sweeps.notes().lost == (None,), "nobody knows which"


@pytest.mark.parametrize(
    ("record", "lost"), [("planned/0001.json", 1), ("looks/0001.json", 1), ("plan.json", 0), ("sweep.yaml", 0)]
)
def test_only_a_damaged_note_of_what_was_planned_or_shown_is_missed(
    sweeps: SweepStore, record: str, lost: int
) -> None:
    assert sweeps.notes().lost == ()
    set_aside(sweeps.store, f"sweeps/small/{record}", b"{}")
    assert len(sweeps.notes().lost) == lost


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
    assert SweepStore(far).notes().looks == tuple(shown)
    assert len(far.read_names) == 8
    one = FarAway(tmp_path, waiting=1)
    SweepStore(one).add_look(shown[3])
    assert one.read_names == ["sweeps/sweep 3/looks/0001.json"]
    assert sweeps.notes().looks == tuple(shown)
