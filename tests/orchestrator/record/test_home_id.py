"""The name by which MLflow knows a home's runs outlives damage to its record."""

import shutil
from pathlib import Path

import pytest

from orchestrator.record.home_id import COPY, FIRST, home_id, known_home_id
from orchestrator.store import DamagedError, LocalStore
from orchestrator.store.damage import noted_damage


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path)


def test_it_is_made_once_and_is_another_in_another_home(store: LocalStore, tmp_path: Path) -> None:
    assert known_home_id(store) is None
    assert home_id(store) == home_id(store) == known_home_id(store)
    assert home_id(store) != home_id(LocalStore(tmp_path / "other"))


@pytest.mark.parametrize("hit", [FIRST, COPY])
@pytest.mark.parametrize("found", [b"", b"[]", None])
def test_either_copy_brings_the_other_back(hit: str, found: bytes | None, store: LocalStore) -> None:
    name = home_id(store)
    whole = store.read(hit)
    store.delete(hit) if found is None else store.replace(hit, found)
    assert known_home_id(store) == name
    assert home_id(store) == name
    assert store.read(hit) == whole
    assert [damage.record for damage in noted_damage(store).values()] == ([hit] if found is not None else [])


def test_where_both_are_damaged_no_other_name_is_made(store: LocalStore) -> None:
    home_id(store)
    store.replace(FIRST, b"")
    store.delete(COPY)
    for ask in (home_id, known_home_id):
        with pytest.raises(DamagedError, match="bring one back from a backup, or delete both"):
            ask(store)


def test_a_folder_that_is_deleted_takes_no_more_than_one_copy_along(store: LocalStore) -> None:
    name = home_id(store)
    for folder in ("record", "sweeps"):
        shutil.rmtree(store.root / folder)
        assert home_id(store) == name
