"""What every store promises, whatever it is made of."""

import multiprocessing
import threading
from typing import Any

import pytest
from stores import STORES, OpenStore

from orchestrator.store import Store

ROUNDS = 30


@pytest.fixture(params=STORES)
def open_store(request: pytest.FixtureRequest) -> OpenStore:
    """Every kind in turn."""
    return STORES[request.param](request)


def test_a_record_is_read_as_it_was_written(open_store: OpenStore) -> None:
    every_byte = bytes(range(256)) * 300
    assert open_store().create("cells/one/result.json", every_byte)
    assert open_store().read("cells/one/result.json") == every_byte


def test_an_empty_record_is_not_an_absent_one(store: Store) -> None:
    assert store.create("empty", b"")
    assert store.read("empty") == b""
    assert not store.create("empty", b"full")


def test_create_never_replaces_and_says_so(open_store: OpenStore) -> None:
    assert open_store().create("cells/one/result.json", b"first")
    assert not open_store().create("cells/one/result.json", b"second")
    assert open_store().read("cells/one/result.json") == b"first"


def test_replace_writes_whether_or_not_the_name_exists(store: Store) -> None:
    for data in (b"first", b"a longer second", b""):
        store.replace("a/name", data)
        assert store.read("a/name") == data


@pytest.mark.parametrize("name", ["absent", "folder", "folder/there/below"])
def test_what_was_never_written_reads_as_none(name: str, store: Store) -> None:
    store.create("folder/there", b"x")
    assert store.read(name) is None


def test_names_are_whole_sorted_and_only_those_of_the_folder(store: Store) -> None:
    for name in ("cells/b/2", "cells/b/10", "cells/a/deep/er/1", "cells/bb/1", "sweeps/b/2"):
        store.create(name, b"")
    assert store.names("cells") == ["cells/a/deep/er/1", "cells/b/10", "cells/b/2", "cells/bb/1"]
    assert store.names("cells/b") == ["cells/b/10", "cells/b/2"]
    assert store.names("never") == []
    assert store.names("cells/b/2/below a record") == []


def test_a_deleted_record_is_gone_and_may_be_deleted_again_and_created_anew(store: Store) -> None:
    store.create("cells/one/lease", b"old")
    for _ in range(2):
        store.delete("cells/one/lease")
        assert store.read("cells/one/lease") is None
        assert store.names("cells") == []
    store.delete("never/was")
    assert store.create("cells/one/lease", b"new")


def test_what_another_does_is_seen_by_whoever_has_looked_before(open_store: OpenStore) -> None:
    one, another = open_store(), open_store()
    assert one.names("cells") == []
    assert one.read("cells/one/lease") is None
    another.create("cells/one/lease", b"first")
    assert one.names("cells") == ["cells/one/lease"]
    assert one.read("cells/one/lease") == b"first"
    another.replace("cells/one/lease", b"second")
    assert one.read("cells/one/lease") == b"second"
    another.delete("cells/one/lease")
    assert one.names("cells") == []
    assert one.read("cells/one/lease") is None


def test_its_url_says_where_it_is(open_store: OpenStore) -> None:
    assert open_store().url
    assert open_store().url == open_store().url


# Two writers at once.


def test_of_many_threads_that_create_one_name_exactly_one_wins(open_store: OpenStore) -> None:
    writers, won = 4, []
    together = threading.Barrier(writers)

    def write(writer: int) -> None:
        store = open_store()
        for number in range(ROUNDS):
            together.wait()
            if store.create(f"race/{number}", b"%d" % writer):
                won.append((number, writer))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_one_winner_each(open_store(), won)


def test_of_two_processes_that_create_one_name_exactly_one_wins(open_store: OpenStore) -> None:
    # Forked: a fresh interpreter would spend seconds on imports, and none of these touches torch.
    fork = multiprocessing.get_context("fork")
    together, winners = fork.Barrier(2), fork.SimpleQueue()

    def write(writer: int) -> None:
        store = open_store()
        won = []
        for number in range(ROUNDS):
            together.wait()
            if store.create(f"race/{number}", b"%d" % writer):
                won.append((number, writer))
        winners.put(won)

    processes = [fork.Process(target=write, args=(writer,)) for writer in range(2)]
    for process in processes:
        process.start()
    won = winners.get() + winners.get()
    for process in processes:
        process.join()
    assert_one_winner_each(open_store(), won)


def assert_one_winner_each(store: Store, won: list[tuple[int, int]]) -> None:
    assert sorted(number for number, _ in won) == list(range(ROUNDS))
    assert all(store.read(f"race/{number}") == b"%d" % writer for number, writer in won)
    assert len(store.names("race")) == ROUNDS


def test_a_reader_sees_the_old_record_or_the_new_one_and_never_half_of_one(open_store: OpenStore) -> None:
    versions = [bytes([number]) * 100_000 for number in range(40)]
    writer = open_store()
    writer.create("cells/one/lease", versions[0])
    seen: list[Any] = []
    over = threading.Event()

    def look() -> None:
        store = open_store()
        while not over.is_set():
            seen.append((store.read("cells/one/lease"), store.names("cells")))

    reader = threading.Thread(target=look)
    reader.start()
    for version in versions:
        writer.replace("cells/one/lease", version)
    over.set()
    reader.join()
    assert seen
    assert {data for data, _ in seen} <= set(versions)
    assert all(names == ["cells/one/lease"] for _, names in seen)
