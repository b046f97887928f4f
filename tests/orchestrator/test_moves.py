"""Where a cell went on in another environment: what is said of it, and what is not worth a word."""

from typing import Any

import pytest

from orchestrator.environment import Move, cell_environment, moves
from orchestrator.reached import Reached

HERE = {
    "device": "EPYC",
    "threads": 1,
    "versions": {"seedwise": "0.1.0", "python": "3.11.9", "torch": "2.12.0", "numpy": "2.3.1", "ray": "2.55.0"},
    "hardware": {"host": "a", "system": "Linux x86_64", "cpu": "EPYC", "cores": "2", "memory": "8 GiB"},
}


def there(**changes: Any) -> dict[str, Any]:
    """The same environment but for this; a package by its name."""
    versions = {name: version for name, version in changes.items() if name in HERE["versions"]}
    hardware = {name: fact for name, fact in changes.items() if name in HERE["hardware"]}
    rest = {name: fact for name, fact in changes.items() if name not in (*versions, *hardware)}
    return {**HERE, **rest, "versions": HERE["versions"] | versions, "hardware": HERE["hardware"] | hardware}


def session(epochs_done: int, environment: dict[str, Any], steps: int = 0) -> dict[str, Any]:
    return {"epochs_done": epochs_done, "steps": steps, "environment": environment, "at": 0.0}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"threads": 4}, "threads 1 → 4"),
        ({"device": "NVIDIA H200"}, "device EPYC → NVIDIA H200"),
        ({"torch": "2.13.0"}, "torch 2.12.0 → 2.13.0"),
        ({"numpy": "2.4.0", "python": "3.12.1"}, "python 3.11.9 → 3.12.1, numpy 2.3.1 → 2.4.0"),
        ({"system": "Linux aarch64"}, "system Linux x86_64 → Linux aarch64"),
    ],
)
def test_what_may_change_a_bit_is_said_with_the_epoch_from_and_to(changes: dict[str, Any], said: str) -> None:
    (move,) = moves([session(0, HERE), session(2, there(**changes))])
    assert str(move) == f"after epoch 2: {said}"


@pytest.mark.parametrize("changes", [{}, {"host": "b"}, {"memory": "16 GiB"}, {"cores": "64"}, {"ray": "2.60.0"}])
def test_another_machine_of_the_same_kind_is_not_worth_a_word(changes: dict[str, Any]) -> None:
    assert moves([session(0, HERE), session(2, there(**changes))]) == []


def test_every_move_on_the_way_is_said() -> None:
    sessions = [session(0, HERE), session(1, there(threads=2)), session(1, HERE), session(4, there(threads=3))]
    assert moves(sessions) == [Move(Reached(4), ("threads 1 → 3",))], "nothing is left of the second session"
    sessions = [session(0, HERE), session(1, there(threads=2)), session(3, HERE)]
    assert moves(sessions) == [Move(Reached(1), ("threads 1 → 2",)), Move(Reached(3), ("threads 2 → 1",))]


def test_what_was_trained_of_an_epoch_before_a_stop_counts() -> None:
    """Asked to stop, a worker leaves a checkpoint in the middle of an epoch."""
    stopped = [session(0, HERE), session(0, there(threads=2), steps=7)]
    assert moves(stopped) == [Move(Reached(0, 7), ("threads 1 → 2",))]
    assert str(moves(stopped)[0]) == "in epoch 1: threads 1 → 2"
    back = [*stopped, session(0, HERE, steps=9), session(2, HERE, steps=4)]
    assert [str(move) for move in moves(back)] == ["in epoch 1: threads 1 → 2", "in epoch 1: threads 2 → 1"]
    assert moves([*stopped, session(0, HERE)]) == [], "it began anew, and nothing is left"
    assert moves([*stopped, session(0, HERE, steps=7)]) == [], "nothing is left of the second session"


def test_a_cell_that_began_again_from_the_start_has_not_moved() -> None:
    assert moves([session(0, HERE), session(2, HERE), session(0, there(threads=2))]) == []


def test_what_was_trained_after_an_older_checkpoint_had_to_be_taken_is_what_counts() -> None:
    """The second session found the newest checkpoints damaged, and trained epochs 2 and 3 once more."""
    assert moves([session(0, HERE), session(1, there(threads=2)), session(3, there(threads=2))]) == [
        Move(Reached(1), ("threads 1 → 2",))
    ]


def test_an_epoch_that_was_stored_and_trained_again_elsewhere_keeps_its_first_record_and_that_is_said() -> None:
    """The first worker lost its machine before a checkpoint was due."""
    again = session(0, there(threads=2)) | {"epochs_stored": 2}
    (move,) = moves([session(0, HERE), again])
    assert str(move) == "after the record of epoch 2: threads 1 → 2"
    further = [session(0, HERE), again, session(3, there(threads=2)) | {"epochs_stored": 3}]
    assert moves(further) == [move]
    assert moves([session(0, HERE), session(0, HERE) | {"epochs_stored": 2}]) == []
    put_by = session(0, there(threads=2)) | {"epochs_stored": 0}
    assert moves([session(0, HERE), session(2, HERE), put_by]) == [], "its records went with the outcome"
    older = session(1, there(threads=2)) | {"epochs_stored": 2}
    assert str(moves([session(0, HERE), older])[0]) == "after epoch 1: threads 1 → 2"
    assert moves([session(0, HERE), session(2, there(threads=4)), again]) == [move], "an earlier version notes less"


def test_a_session_that_does_not_say_where_it_was_has_not_moved() -> None:
    assert moves([]) == []
    assert moves([session(0, {}), session(1, HERE), session(2, {})]) == []


def test_what_a_worker_notes_is_what_is_compared() -> None:
    now = cell_environment("cpu", threads=1)
    (move,) = moves(
        [session(0, now), session(1, {**now, "threads": 2, "versions": {**now["versions"], "torch": "1"}})]
    )
    assert move.changes == ("threads 1 → 2", f"torch {now['versions']['torch']} → 1")
