"""Two workers on one cell, for instance one that outlived its driver: one truth, in one piece."""

import threading
from collections.abc import Callable

import pytest

from orchestrator.store import CellStore, Store
from orchestrator.store.cell_paths import CellPaths
from trainables.classifier import CellOutcome
from trainables.records import CellResult, EpochRecord

KEY = "0f" * 16
PATHS = CellPaths(KEY)
OpenStore = Callable[[], Store]
MakeOutcome = Callable[..., CellOutcome]


def all_at_once(open_store: OpenStore, work: Callable[[int, CellStore], object], workers: int = 4) -> list[object]:
    """What each of several threads gets from `work(worker, its own cells)`."""
    together = threading.Barrier(workers)
    got: list[object] = [None] * workers

    def run(worker: int) -> None:
        cells = CellStore(open_store())
        together.wait()
        got[worker] = work(worker, cells)

    threads = [threading.Thread(target=run, args=(worker,)) for worker in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_whoever_concludes_second_takes_over_the_first_result_and_leaves_no_file_of_its_own(
    cells: CellStore, store: Store, make_outcome: MakeOutcome
) -> None:
    first = cells.newest_try(KEY).finish(make_outcome(0))
    assert cells.newest_try(KEY).finish(make_outcome(1)) == first
    assert cells.result(KEY) == first
    assert store.names(PATHS.files) == sorted(f"{PATHS.files}/{file.name}" for file in first.files.values())


def test_a_second_worker_with_the_same_numbers_deletes_nothing(cells: CellStore, make_outcome: MakeOutcome) -> None:
    cells.newest_try(KEY).finish(make_outcome(0))
    cells.newest_try(KEY).finish(make_outcome(0))
    assert cells.weights(KEY)["head.weight"].equal(make_outcome(0).weights["head.weight"])
    assert len(cells.predictions(KEY, "test")) == 3


def test_a_diverged_worker_takes_over_the_result_of_one_that_finished(
    cells: CellStore, make_outcome: MakeOutcome
) -> None:
    finished = cells.newest_try(KEY).finish(make_outcome())
    diverged = CellResult(status="diverged", epochs=0, divergence="the loss became nan", measured_at=1.0)
    assert cells.newest_try(KEY).conclude_diverged(diverged) == finished


@pytest.mark.parametrize("attempt", range(5))
def test_of_workers_that_conclude_at_once_one_wins_and_its_files_are_whole(
    attempt: int, open_store: OpenStore, cells: CellStore, store: Store, make_outcome: MakeOutcome
) -> None:
    got = all_at_once(open_store, lambda worker, own: own.newest_try(KEY).finish(make_outcome(worker)))
    stored = cells.result(KEY)
    assert stored is not None
    assert all(each == stored for each in got)
    (winner,) = [worker for worker in range(4) if make_outcome(worker).result.final == stored.result.final]
    assert cells.weights(KEY)["head.weight"].equal(make_outcome(winner).weights["head.weight"])
    logits = make_outcome(winner).predictions["test"].logits
    assert cells.predictions(KEY, "test")["logit_0"].tolist() == logits[:, 0].tolist()
    assert store.names(PATHS.files) == sorted(f"{PATHS.files}/{file.name}" for file in stored.files.values())


def test_epochs_stored_at_once_are_stored_once_and_every_worker_gets_the_same(
    open_store: OpenStore, cells: CellStore, record: Callable[..., EpochRecord]
) -> None:
    def work(worker: int, own: CellStore) -> list[EpochRecord]:
        return [own.newest_try(KEY).add_epoch(record(epoch, accuracy=worker / 8)) for epoch in range(1, 11)]

    got = all_at_once(open_store, work)
    assert all(each == cells.history(KEY) for each in got)
    assert [entry.epoch for entry in cells.history(KEY)] == list(range(1, 11))


def test_sessions_and_failures_noted_at_once_are_all_kept(
    open_store: OpenStore, cells: CellStore, store: Store
) -> None:
    def work(worker: int, own: CellStore) -> None:
        for number in range(5):
            own.add_session(KEY, {"who": [worker, number]})
            own.add_failure(KEY, {"who": [worker, number]})

    all_at_once(open_store, work)
    everybody = [[worker, number] for worker in range(4) for number in range(5)]
    for folder, noted in ((PATHS.sessions, cells.sessions(KEY)), (PATHS.failures, cells.failures(KEY))):
        assert sorted(entry["who"] for entry in noted) == everybody
        assert store.names(folder) == [f"{folder}/{number:04d}.json" for number in range(1, 21)]
