"""What can be seen of a home's cells, by one listing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orchestrator.store import CellStore, LocalStore
from orchestrator.store.seen_cells import SeenCells
from orchestrator.store.superseded import supersede
from trainables.records import CellResult, EpochRecord


class Listed(LocalStore):
    """Counts its listings, and refuses to be read."""

    listings = 0

    def names(self, prefix: str) -> list[str]:
        self.listings += 1
        return super().names(prefix)

    def read(self, name: str) -> bytes | None:
        pytest.fail(f"{name} was read")


def test_it_is_seen_which_cells_have_begun_and_at_which_try_they_are(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    cells = CellStore(store)
    for key in ("new", "begun", "done", "again", "more"):
        cells.begin(key, {})
    cells.newest_try("begun").add_epoch(EpochRecord(epoch=1, step=1, metrics={}, timing={}, measured_at=1.0))
    for key, tries in (("done", 1), ("again", 2), ("more", 3)):
        for number in range(tries):
            result = CellResult(status="diverged", epochs=0, measured_at=float(number))
            stored = cells.newest_try(key).conclude_diverged(result)
            if number + 1 < tries or key == "again":
                assert supersede(store, key, stored)
    listed = Listed(tmp_path)
    seen = SeenCells(listed)
    assert seen.begun == {"begun", "done", "again", "more"}
    assert seen.tries(["again", "done", "new"]) == {("again", 3)}
    assert seen.tries(["more"]) == {("more", 3)}
    assert listed.listings == 1


def test_a_store_that_does_not_answer_keeps_nobody_from_asking_another_one(tmp_path: Path) -> None:
    asked, answers = threading.Event(), threading.Event()

    class Hanging(LocalStore):
        def names(self, prefix: str) -> list[str]:
            asked.set()
            assert answers.wait(60)
            return super().names(prefix)

    with ThreadPoolExecutor() as threads:
        hangs = threads.submit(lambda: SeenCells(Hanging(tmp_path)).begun)
        assert asked.wait(60)
        try:
            assert threads.submit(lambda: SeenCells(LocalStore(tmp_path)).begun).result(timeout=5) == frozenset()
        finally:
            answers.set()
        assert hangs.result() == frozenset()
