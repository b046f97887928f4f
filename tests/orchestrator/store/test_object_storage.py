"""Cells on object storage, over HTTP: what is asked of it, what is tried again, what is said when it refuses."""

import multiprocessing
import pickle
import socket
import sys

import pytest
from object_storage import S3Server
from s3fs import S3FileSystem

from orchestrator.store import CellStore, Lease, ObjectStore, StoreError, check_store
from orchestrator.store.cells import CellPaths
from orchestrator.store.object_storage import TRIES
from trainables.records import CellResult

NAME = "cells/one/history/0001.json"
KEYS = [f"{number:032x}" for number in range(100)]


@pytest.fixture
def store(bucket: str) -> ObjectStore:
    return ObjectStore(f"{bucket}/cells of ours")


# What is asked of it.


def test_each_operation_is_one_request(store: ObjectStore, s3: S3Server) -> None:
    with s3.watched() as seen:
        store.create(NAME, b"x")
        store.replace(NAME, b"z")
        store.read(NAME)
        store.read("absent")
        store.names("cells")
        store.names("absent")
        store.delete(NAME)
    assert [request.split()[0] for request in seen] == ["PUT", "PUT", "GET", "GET", "GET", "GET", "DELETE"]


def test_an_object_that_s3fs_would_read_in_ranges_is_read_in_one_piece(
    store: ObjectStore, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(S3FileSystem, "default_block_size", 1000)
    data = bytes(range(256)) * 100
    store.replace(NAME, data)
    with s3.watched() as seen:
        assert store.read(NAME) == data
    assert len(seen) == 1


def test_an_object_that_is_sent_in_parts_is_created_once_too(
    store: ObjectStore, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(S3FileSystem._pipe_file, "__defaults__", (5 * 2**20, None, "overwrite"))
    first, second = (bytes([number]) * (11 * 2**20) for number in (1, 2))
    with s3.watched() as seen:
        assert store.create(NAME, first)
    assert len(seen) > 2
    assert not store.create(NAME, second)
    assert store.read(NAME) == first
    store.replace(NAME, second)
    assert store.read(NAME) == second


def test_the_results_of_many_cells_are_read_side_by_side(store: ObjectStore, s3: S3Server) -> None:
    cells = CellStore(store)
    done = KEYS[::9]
    for number, key in enumerate(done):
        cells.conclude_diverged(key, CellResult(status="diverged", epochs=number, measured_at=1.0))
    s3.most_at_once = 0
    with s3.watched() as seen:
        results = cells.results(KEYS)
    assert list(results) == done
    assert [stored.result.epochs for stored in results.values()] == list(range(len(done)))
    assert len(seen) == len(KEYS)
    assert s3.most_at_once > 4


def test_a_storage_that_fails_is_not_asked_about_every_other_cell(store: ObjectStore, s3: S3Server) -> None:
    for _ in range(store.at_once):
        s3.answer("GET", "403 Forbidden", "AccessDenied")
    with s3.watched() as seen, pytest.raises(StoreError, match="access is refused"):
        CellStore(store).results(KEYS)
    assert len(seen) < len(KEYS)


# Several processes.


def test_a_store_that_is_sent_to_a_worker_works_there_and_carries_no_credentials(store: ObjectStore) -> None:
    store.create(NAME, b"x")
    sent = pickle.dumps(store)
    assert pickle.loads(sent).read(NAME) == b"x"
    for secret in (b"testing", b"a secret of the tests"):
        assert secret not in sent


def test_a_fork_works_and_leaves_its_parent_able_to(store: ObjectStore) -> None:
    store.create(NAME, b"x")
    fork = multiprocessing.get_context("fork")
    answer = fork.SimpleQueue()
    child = fork.Process(target=lambda: answer.put((store.read(NAME), store.create("by the child", b""))))
    child.start()
    assert answer.get() == (b"x", True)
    child.join()
    assert child.exitcode == 0
    assert store.names("") == []
    assert store.read("by the child") == b""


def test_of_processes_that_take_over_a_cell_at_once_one_holds_it(store: ObjectStore) -> None:
    fork = multiprocessing.get_context("fork")
    together, held = fork.Barrier(3), fork.SimpleQueue()

    def take() -> None:
        together.wait()
        try:
            Lease(store, CellPaths(KEYS[0]).lease).acquire()
            held.put(True)
        except Exception as error:
            held.put(type(error).__name__)
        together.wait()  # the living are respected

    processes = [fork.Process(target=take) for _ in range(3)]
    for process in processes:
        process.start()
    answers = [held.get() for _ in processes]
    for process in processes:
        process.join()
    assert sorted(map(str, answers)) == ["HeldElsewhereError", "HeldElsewhereError", "True"]


# What is tried again.


def test_a_record_whose_answer_was_lost_is_known_for_ones_own_and_not_written_twice(
    store: ObjectStore, s3: S3Server
) -> None:
    s3.lose_answer("PUT")
    assert store.create(NAME, b"a time and a process")
    assert store.read(NAME) == b"a time and a process"


def test_a_session_whose_answer_was_lost_is_noted_once(store: ObjectStore, s3: S3Server) -> None:
    cells = CellStore(store)
    s3.lose_answer("PUT")
    cells.add_session(KEYS[0], {"at": 1.5})
    assert cells.sessions(KEYS[0]) == [{"at": 1.5}]


def test_a_record_that_another_has_written_before_the_second_try_is_not_taken_for_ones_own(
    store: ObjectStore, s3: S3Server
) -> None:
    store.create(NAME, b"another's")
    s3.answer("PUT", "503 Service Unavailable", "SlowDown")
    assert not store.create(NAME, b"mine")
    assert store.read(NAME) == b"another's"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("503 Service Unavailable", "SlowDown"),
        ("500 Internal Server Error", "InternalError"),
        ("409 Conflict", "ConditionalRequestConflict"),
        ("429 Too Many Requests", "TooManyRequests"),
    ],
)
def test_what_passes_by_itself_is_waited_for(
    status: str, code: str, store: ObjectStore, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # the client's own tries, which wait for seconds
    for _ in range(TRIES - 1):
        s3.answer("PUT", status, code)
    assert store.create(NAME, b"x")
    s3.answer("GET", status, code)
    assert store.read(NAME) == b"x"
    s3.answer("GET", status, code)
    assert store.names("cells") == [NAME]
    s3.answer("DELETE", status, code)
    store.delete(NAME)
    assert store.read(NAME) is None


def test_a_refusal_that_does_not_say_which_condition_failed_is_understood(store: ObjectStore, s3: S3Server) -> None:
    s3.answer("PUT", "412 Precondition Failed", "PreconditionFailed")
    assert not store.create(NAME, b"x")


# What is said.


def test_a_bucket_that_is_missing_is_not_taken_for_an_empty_one(store: ObjectStore) -> None:
    missing = ObjectStore("s3://no-such-bucket/prefix")
    calls = (missing.read, missing.names, missing.delete, lambda name: missing.create(name, b"x"))
    for call in calls:
        with pytest.raises(StoreError, match="there is no bucket s3://no-such-bucket; make it first"):
            call(NAME)


@pytest.mark.parametrize("code", ["InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "ExpiredToken"])
def test_wrong_credentials_are_told_with_what_to_set_and_not_tried_again(
    code: str, store: ObjectStore, s3: S3Server
) -> None:
    s3.answer("PUT", "403 Forbidden", code)
    with (
        s3.watched() as seen,
        pytest.raises(StoreError, match=r"access is refused .*check the credentials.*AWS_ACCESS_KEY_ID") as caught,
    ):
        store.replace(NAME, b"x" * 2000)
    assert len(seen) == 1
    assert f"{store.url}/{NAME} (2.0 kB) cannot be written" in str(caught.value)
    assert "What was stored before is untouched" in str(caught.value)


def test_missing_credentials_are_told_with_what_to_set(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(StoreError, match=r"no credentials for it are found .*AWS_ACCESS_KEY_ID and AWS_SECRET"):
        store.read(NAME)


def test_a_storage_that_does_not_answer_is_told_with_what_to_check(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        with pytest.raises(StoreError, match=r"it does not answer .*check the network, and AWS_ENDPOINT_URL"):
            check_store(store)


def test_a_missing_package_is_told_with_how_to_install_it(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3")  # where it remembers that it was there
    with pytest.raises(StoreError, match=r"the package s3fs is missing .*pip install 'seedwise\[s3\]'"):
        store.read(NAME)


# Whether it can be trusted.


def test_a_sound_storage_passes_the_check_and_keeps_nothing_of_it(store: ObjectStore) -> None:
    check_store(store)
    assert store.names("probes") == []


def test_a_storage_that_writes_over_what_is_there_is_refused(
    store: ObjectStore, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "heeds_conditions", False)
    with pytest.raises(StoreError, match=r"lets a record be created twice.*choose another place"):
        check_store(store)


def test_a_storage_that_cannot_write_on_a_condition_is_refused(store: ObjectStore, s3: S3Server) -> None:
    s3.answer("PUT", "501 Not Implemented", "NotImplemented")
    with pytest.raises(StoreError, match="it cannot write on a condition"):
        check_store(store)
