"""What is noted of a damaged record, so that somebody hears of it."""

from orchestrator.store import Store
from orchestrator.store.damage import NOTES, note_damage, noted_damage, set_aside

NAME = "cells/one/history/0001.json"


def test_a_damaged_record_is_kept_elsewhere_and_noted(store: Store) -> None:
    store.create(NAME, b"half of i")
    set_aside(store, NAME, b"half of i")
    ((_, noted),) = noted_damage(store).items()
    assert (noted.record, noted.what) == (NAME, "is not what was written")
    assert noted.kept.startswith(f"damaged/{NAME}-")
    assert store.read(noted.kept) == b"half of i"
    assert store.read(NAME) is None


def test_the_same_damage_found_twice_is_noted_once(store: Store) -> None:
    for _ in range(2):
        store.replace(NAME, b"half of i")
        set_aside(store, NAME, b"half of i")
    assert len(noted_damage(store)) == 1


def test_the_same_damage_is_noted_again_when_the_first_has_been_told(store: Store) -> None:
    for _ in range(2):
        store.replace(NAME, b"half of i")
        set_aside(store, NAME, b"half of i")
        (note,) = noted_damage(store)
        store.delete(note)


def test_a_record_that_somebody_has_mended_meanwhile_stays(store: Store) -> None:
    store.create(NAME, b"as it should be")
    set_aside(store, NAME, b"half of i")
    assert store.read(NAME) == b"as it should be"


def test_a_missing_record_is_noted_and_nothing_is_kept_of_it(store: Store) -> None:
    note_damage(store, NAME, None, "is missing")
    ((_, noted),) = noted_damage(store).items()
    assert (noted.record, noted.what, noted.kept) == (NAME, "is missing", "")


def test_what_is_noted_comes_in_the_order_in_which_it_was_found(store: Store) -> None:
    names = [f"cells/one/history/{number:04d}.json" for number in (3, 1, 2)]
    for name in names:
        note_damage(store, name, b"x")
    assert [noted.record for noted in noted_damage(store).values()] == names


def test_a_note_that_is_itself_damaged_is_dropped(store: Store) -> None:
    note_damage(store, NAME, b"x")
    (name,) = store.names(NOTES)
    store.replace(name, b"half of a no")
    assert noted_damage(store) == {}
    assert store.names(NOTES) == []
