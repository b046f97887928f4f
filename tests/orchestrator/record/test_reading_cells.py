"""Reading a cell again as it grows: what has been read is not read again, and nothing is missed by that."""

from pathlib import Path
from typing import Any

import pytest
from hand_made import HandMadeSweep

from orchestrator.record.reading import CellReader, read_cell
from orchestrator.store import Home, LocalStore

KEY = "cross_entropy-0"


class CountingStore(LocalStore):
    """Notes which epochs are read."""

    def __init__(self, root: Path):
        super().__init__(root)
        self.epochs_read: list[int] = []

    def read(self, name: str) -> bytes | None:
        if "/history/0" in name:
            self.epochs_read.append(int(Path(name).stem))
        return super().read(name)


@pytest.fixture
def trained(tmp_path: Path) -> HandMadeSweep:
    """A sweep whose first cell is taken up; MLflow is not needed here."""
    sweep = HandMadeSweep(Home(tmp_path))
    sweep.take_up(KEY)
    return sweep


def test_each_epoch_is_read_once_while_the_cell_grows(trained: HandMadeSweep) -> None:
    store = CountingStore(trained.home.root)
    reader = CellReader(store)
    for epoch in range(1, 21):
        trained.epoch(KEY, epoch)
        assert [record.epoch for record in reader.read(KEY).history] == list(range(1, epoch + 1))
        assert reader.read(KEY) == read_cell(trained.home.store(), KEY)
    assert store.epochs_read == list(range(1, 21))


def test_all_epochs_are_read_once_more_when_the_cell_is_done(trained: HandMadeSweep) -> None:
    store = CountingStore(trained.home.root)
    reader = CellReader(store)
    history = [trained.epoch(KEY, epoch) for epoch in (1, 2)]
    reader.read(KEY)
    trained.conclude(KEY, history)
    store.epochs_read.clear()
    assert reader.read(KEY).history == tuple(history)
    assert store.epochs_read == [1, 2]


def replaced(trained: HandMadeSweep) -> Any:
    """The first epoch is found damaged, set aside, and trained anew; what it is then."""
    first = trained.epoch(KEY, 1)
    (trained.home.root / "cells" / KEY / "history" / "0001.json").write_bytes(b"damaged")
    assert trained.cells.history(KEY) == []
    return trained.cells.newest_try(KEY).add_epoch(
        first.model_copy(update={"measured_at": first.measured_at + 500})
    )


def test_an_epoch_that_is_gone_is_seen_at_once(trained: HandMadeSweep) -> None:
    store = CountingStore(trained.home.root)
    reader = CellReader(store)
    for epoch in (1, 2, 3):
        trained.epoch(KEY, epoch)
    reader.read(KEY)
    (trained.home.root / "cells" / KEY / "history" / "0002.json").unlink()
    assert [record.epoch for record in reader.read(KEY).history] == [1]


def test_an_epoch_that_was_trained_anew_between_two_readings_is_seen_at_the_latest_when_the_cell_is_done(
    trained: HandMadeSweep,
) -> None:
    reader = CellReader(trained.home.store())
    old = trained.epoch(KEY, 1)
    assert reader.read(KEY).history == (old,)
    new = replaced(trained)
    trained.conclude(KEY, [new])
    assert reader.read(KEY).history == (new,)


def test_epochs_of_a_try_that_was_given_up_are_none_of_the_next_one(trained: HandMadeSweep) -> None:
    reader = CellReader(trained.home.store())
    before = trained.epoch(KEY, 1)
    assert reader.read(KEY).history == (before,)
    trained.cells.newest_try(KEY).supersede()  # it has diverged meanwhile, and is tried again
    again = before.model_copy(update={"measured_at": before.measured_at + 500})
    trained.cells.newest_try(KEY).add_epoch(again)
    assert reader.read(KEY).history == (again,)
