"""A name that is taken by what is no record ends the work in words: nobody asks for it again and again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from stores import AWKWARD

from orchestrator.store import CellStore, Lease, LocalStore, Store, StoreError
from orchestrator.store.cell_paths import CellPaths
from trainables.classifier import CellOutcome
from trainables.records import CellResult, EpochRecord

KEY = "c0ffee" * 5 + "00"
PATHS = CellPaths(KEY)
DIVERGED = CellResult(status="diverged", epochs=0, measured_at=1.0)
MakeOutcome, MakeRecord = Callable[..., CellOutcome], Callable[..., EpochRecord]

pytestmark = pytest.mark.timeout(30)

WRITERS: dict[str, Callable[[Store], object]] = {
    f"{PATHS.history}/0001.json": lambda store: (
        CellStore(store)
        .newest_try(KEY)
        .add_epoch(EpochRecord(epoch=1, step=1, metrics={}, timing={}, measured_at=1.0))
    ),
    PATHS.result: lambda store: CellStore(store).newest_try(KEY).conclude_diverged(DIVERGED),
    f"{PATHS.sessions}/0001.json": lambda store: CellStore(store).add_session(KEY, {"at": 1.0}),
    f"{PATHS.lease}/000001.json": lambda store: Lease(store, PATHS.lease).acquire(),
}
"""By the name that each is about to write."""


@pytest.fixture
def local(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / AWKWARD)


@pytest.mark.parametrize("name", WRITERS)
def test_a_folder_with_a_records_name_is_told_and_left_alone(name: str, local: LocalStore) -> None:
    (local.root / name / "what somebody put there").mkdir(parents=True)
    with pytest.raises(
        StoreError, match="a folder has its name, which seedwise has not made; move it away"
    ) as told:
        WRITERS[name](local)
    assert f"{local.root / name} cannot be written" in str(told.value)
    assert (local.root / name / "what somebody put there").is_dir()


@pytest.mark.parametrize("name", [name for name in WRITERS if not name.startswith((PATHS.sessions, PATHS.lease))])
def test_a_link_that_leads_nowhere_is_told_with_where_it_leads(name: str, local: LocalStore) -> None:
    (local.root / name).parent.mkdir(parents=True)
    (local.root / name).symlink_to("/not/mounted/record")
    with pytest.raises(StoreError, match="a link has its name that leads to /not/mounted/record, which is not"):
        WRITERS[name](local)
    assert (local.root / name).is_symlink()


@pytest.mark.parametrize("name", [name for name in WRITERS if name.startswith((PATHS.sessions, PATHS.lease))])
def test_among_numbered_records_a_link_that_leads_nowhere_is_passed_over(name: str, local: LocalStore) -> None:
    (local.root / name).parent.mkdir(parents=True)
    (local.root / name).symlink_to("/not/mounted/record")
    WRITERS[name](local)
    assert (local.root / name.replace("1.json", "2.json")).is_file()


def test_a_link_to_a_record_is_the_record(local: LocalStore, tmp_path: Path, record: MakeRecord) -> None:
    """Whoever has moved a cell to another disk, and left links, still has it."""
    cells = CellStore(local)
    first = cells.newest_try(KEY).add_epoch(record(1))
    stored = local.root / PATHS.history / "0001.json"
    stored.symlink_to(stored.rename(tmp_path / "elsewhere.json"))
    assert cells.newest_try(KEY).add_epoch(record(1, accuracy=0.25)) == first


def test_a_store_that_neither_creates_nor_reads_is_told(
    store: Store, record: MakeRecord, make_outcome: MakeOutcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(store), "create", lambda *_: False)
    monkeypatch.setattr(type(store), "read", lambda *_: None)
    for write in (
        lambda cells: cells.newest_try(KEY).add_epoch(record(1)),
        lambda cells: cells.newest_try(KEY).finish(make_outcome()),
    ):
        with pytest.raises(StoreError, match="can be neither created nor read; look what lies there"):
            write(CellStore(store))
