"""The records of one cell: what is kept, what stays, and what happens to a damaged one."""

from collections.abc import Callable

import pandas as pd
import pytest
import torch

from orchestrator.store import CellStore, DamagedError, Store
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.numbered import by_number
from trainables.checkpoint import TrainingState
from trainables.classifier import CellOutcome
from trainables.records import CellResult, EpochRecord
from trainables.training import EpochSoFar

KEY = "0f" * 16
PATHS = CellPaths(KEY)
MakeRecord = Callable[..., EpochRecord]
MakeOutcome = Callable[..., CellOutcome]


def damage(store: Store, name: str) -> None:
    """Flip one bit in the middle."""
    data = bytearray(store.read(name) or b"")
    data[len(data) // 2] ^= 1
    store.replace(name, bytes(data))


def assert_set_aside(store: Store, name: str) -> None:
    """It is out of the way, and kept."""
    assert store.read(name) is None
    assert [kept for kept in store.names("damaged") if kept.startswith(f"damaged/{name}-")]


# Settings, sessions, failures.


def test_the_settings_noted_first_stay(cells: CellStore) -> None:
    assert cells.settings(KEY) is None
    cells.begin(KEY, {"seed": 1, "loss": {"name": "cross_entropy"}})
    cells.begin(KEY, {"seed": 2})
    assert cells.settings(KEY) == {"seed": 1, "loss": {"name": "cross_entropy"}}


def test_damaged_settings_are_set_aside_and_noted_anew(cells: CellStore, store: Store) -> None:
    cells.begin(KEY, {"seed": 1})
    damage(store, PATHS.settings)
    assert cells.settings(KEY) is None
    assert_set_aside(store, PATHS.settings)
    cells.begin(KEY, {"seed": 1})
    assert cells.settings(KEY) == {"seed": 1}


def test_sessions_and_failures_are_kept_in_the_order_in_which_they_came(cells: CellStore, store: Store) -> None:
    for number in range(12):
        cells.add_session(KEY, {"epochs_done": number})
        cells.add_failure(KEY, {"error": f"number {number}"})
    assert [session["epochs_done"] for session in cells.sessions(KEY)] == list(range(12))
    assert [failure["error"] for failure in cells.failures(KEY)] == [f"number {number}" for number in range(12)]
    assert store.names(PATHS.failures)[0] == f"{PATHS.failures}/0001.json"


def test_a_failure_comes_last_though_earlier_ones_were_damaged(cells: CellStore, store: Store) -> None:
    for number in range(3):
        cells.add_failure(KEY, {"error": f"number {number}"})
    for name in store.names(PATHS.failures)[:2]:
        damage(store, name)
    assert cells.failures(KEY) == [{"error": "number 2"}]
    cells.add_failure(KEY, {"error": "the newest"})
    assert cells.failures(KEY) == [{"error": "number 2"}, {"error": "the newest"}]


# History.


def test_a_stored_epoch_stays_and_is_what_a_second_writer_gets(cells: CellStore, record: MakeRecord) -> None:
    first, second = record(1, accuracy=0.75), record(1, accuracy=0.5)
    assert cells.newest_try(KEY).add_epoch(first) == first
    assert cells.newest_try(KEY).add_epoch(second) == first
    assert cells.history(KEY) == [first]
    assert cells.epochs_stored(KEY) == 1


def test_the_history_is_ordered_by_epoch_beyond_four_digits(cells: CellStore, record: MakeRecord) -> None:
    for epoch in (9999, 10_001, 10_000, *range(1, 12)):
        cells.newest_try(KEY).add_epoch(record(epoch))
    assert [entry.epoch for entry in cells.history(KEY)] == list(range(1, 12))
    assert list(by_number(cells.store, PATHS.history)) == [*range(1, 12), 9999, 10_000, 10_001]


def test_the_history_ends_before_the_first_gap(cells: CellStore, record: MakeRecord) -> None:
    for epoch in (1, 2, 4):
        cells.newest_try(KEY).add_epoch(record(epoch))
    assert [entry.epoch for entry in cells.history(KEY)] == [1, 2]
    assert cells.newest_try(KEY).add_epoch(record(3)) == record(3)
    assert [entry.epoch for entry in cells.history(KEY)] == [1, 2, 3, 4]


def test_a_damaged_epoch_is_set_aside_and_stored_anew(cells: CellStore, store: Store, record: MakeRecord) -> None:
    name = f"{PATHS.history}/0001.json"
    cells.newest_try(KEY).add_epoch(record(1))
    damage(store, name)
    assert cells.history(KEY) == []
    assert_set_aside(store, name)
    cells.newest_try(KEY).add_epoch(record(1))
    damage(store, name)
    again = record(1, accuracy=0.5)
    assert cells.newest_try(KEY).add_epoch(again) == again  # noticed by the writer as well
    assert cells.history(KEY) == [again]


# Checkpoints.


def state(epochs_done: int, steps: int = 0) -> TrainingState:
    tensors = {"model/w": torch.full((3,), epochs_done + steps / 100)}
    return TrainingState(tensors, epochs_done, EpochSoFar(steps=steps))


def reached(cells: CellStore, at_most: int) -> tuple[int, int] | None:
    """Epochs done and steps of the newest checkpoint."""
    found = cells.newest_try(KEY).checkpoints.newest(at_most)
    return None if found is None else (found.epochs_done, found.so_far.steps)


def test_the_newest_two_checkpoints_are_kept(cells: CellStore, store: Store) -> None:
    checkpoints = cells.newest_try(KEY).checkpoints
    assert checkpoints.newest(at_most=9) is None
    for epoch, steps in ((1, 0), (1, 7), (1, 12), (2, 0)):
        checkpoints.save(state(epoch, steps))
        newest = checkpoints.newest(at_most=9)
        assert newest is not None
        assert (newest.epochs_done, newest.so_far) == (epoch, EpochSoFar(steps=steps))
        assert torch.equal(newest.tensors["model/w"], torch.full((3,), epoch + steps / 100))
    kept = [name.rsplit("/", 1)[1][:16] for name in store.names(PATHS.checkpoints)]
    assert kept == ["000001-000000012", "000002-000000000"]


def test_no_checkpoint_is_taken_that_is_ahead_of_the_history(cells: CellStore) -> None:
    for epoch, steps in ((1, 0), (2, 3)):
        cells.newest_try(KEY).checkpoints.save(state(epoch, steps))
    assert [reached(cells, at_most) for at_most in (3, 2, 1, 0)] == [(2, 3), (2, 3), (1, 0), None]


def test_a_checkpoint_beyond_a_damaged_history_does_not_take_the_place_of_those_to_come(cells: CellStore) -> None:
    for epoch in (7, 8):
        cells.newest_try(KEY).checkpoints.save(state(epoch))
    assert reached(cells, at_most=0) is None
    cells.newest_try(KEY).checkpoints.save(state(1))
    assert reached(cells, at_most=1) == (1, 0)


def test_a_damaged_checkpoint_is_set_aside_and_the_one_before_it_taken(cells: CellStore, store: Store) -> None:
    for epoch in (1, 2):
        cells.newest_try(KEY).checkpoints.save(state(epoch))
    earlier, newest = store.names(PATHS.checkpoints)
    damage(store, newest)
    assert reached(cells, at_most=2) == (1, 0)
    assert_set_aside(store, newest)
    damage(store, earlier)
    assert reached(cells, at_most=2) is None


def test_a_checkpoint_that_is_missing_or_is_none_is_passed_over(cells: CellStore, store: Store) -> None:
    for epoch in (1, 2):
        cells.newest_try(KEY).checkpoints.save(state(epoch))
    store.delete(store.names(PATHS.checkpoints)[-1])
    store.create(f"{PATHS.checkpoints}/notes.txt", b"somebody's own")
    assert reached(cells, at_most=2) == (1, 0)


# The result.


def test_a_finished_cell_gives_back_what_it_left(cells: CellStore, store: Store, make_outcome: MakeOutcome) -> None:
    outcome = make_outcome()
    cells.newest_try(KEY).checkpoints.save(state(3))
    assert not cells.is_done(KEY)
    assert cells.newest_try(KEY).finish(outcome).result == outcome.result
    assert cells.is_done(KEY)
    stored = cells.result(KEY)
    assert stored is not None
    assert stored.result == outcome.result
    assert set(stored.files) == {"weights", "validation", "test"}
    assert {name: t.tolist() for name, t in cells.weights(KEY).items()} == {
        name: t.tolist() for name, t in outcome.weights.items()
    }
    predicted = outcome.predictions["test"]
    expected = pd.DataFrame(
        {
            "row": predicted.rows,
            "label": predicted.labels,
            **{f"logit_{k}": predicted.logits[:, k] for k in range(2)},
            **{f"log_probability_{c}": predicted.log_probabilities[:, c] for c in range(2)},
        }
    )
    pd.testing.assert_frame_equal(cells.predictions(KEY, "test"), expected)
    assert store.names(PATHS.checkpoints) == []


def test_a_finished_cell_keeps_no_checkpoint_though_a_kill_left_half_of_one(
    cells: CellStore, store: Store, make_outcome: MakeOutcome
) -> None:
    store.replace(f"{PATHS.checkpoints}/0001.safetensors", b"its record was deleted, or never written")
    cells.newest_try(KEY).finish(make_outcome())
    assert store.names(PATHS.checkpoints) == []


def test_a_diverged_cell_is_done_and_has_no_files(cells: CellStore) -> None:
    result = CellResult(status="diverged", epochs=1, divergence="the loss became nan", measured_at=1.0)
    assert cells.newest_try(KEY).conclude_diverged(result).result == result
    assert cells.is_done(KEY)
    with pytest.raises(KeyError, match=f"cell {KEY} has no weights"):
        cells.weights(KEY)


def test_a_cell_with_a_damaged_result_is_not_done_and_can_be_finished_anew(
    cells: CellStore, store: Store, make_outcome: MakeOutcome
) -> None:
    cells.newest_try(KEY).finish(make_outcome())
    damage(store, PATHS.result)
    assert not cells.is_done(KEY)
    assert cells.result(KEY) is None
    assert_set_aside(store, PATHS.result)
    cells.newest_try(KEY).finish(make_outcome())
    damage(store, PATHS.result)
    assert (
        cells.newest_try(KEY).finish(make_outcome(1)).result == make_outcome(1).result
    )  # noticed by the writer as well
    assert cells.weights(KEY)["head.weight"].equal(make_outcome(1).weights["head.weight"])


@pytest.mark.parametrize("harm", ["damaged", "missing"])
@pytest.mark.parametrize("role", ["weights", "validation"])
def test_a_lost_file_is_never_read_as_truth_and_makes_its_cell_one_that_is_not_done(
    role: str, harm: str, cells: CellStore, store: Store, make_outcome: MakeOutcome
) -> None:
    name = f"{PATHS.files}/{cells.newest_try(KEY).finish(make_outcome()).files[role].name}"
    damage(store, name) if harm == "damaged" else store.delete(name)
    read = cells.weights if role == "weights" else lambda key: cells.predictions(key, role)
    with pytest.raises(DamagedError, match="the command that ran the sweep trains the cell again"):
        read(KEY)
    assert not cells.is_done(KEY)
    assert_set_aside(store, PATHS.result)
    assert store.read(name) is None
    cells.newest_try(KEY).finish(make_outcome())
    read(KEY)


def test_a_result_that_another_worker_has_stored_meanwhile_is_not_given_up(
    cells: CellStore, store: Store, make_outcome: MakeOutcome
) -> None:
    seen = cells.newest_try(KEY).finish(make_outcome())
    store.delete(PATHS.result)
    cells.newest_try(KEY).finish(make_outcome(1))
    cells.newest_try(KEY).set_result_aside(seen)
    assert cells.is_done(KEY)
