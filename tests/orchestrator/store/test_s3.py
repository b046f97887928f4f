"""What is S3's own in keeping cells there; and cells, leases and processes on an object storage."""

import multiprocessing

import pytest
from botocore.exceptions import BotoCoreError, LoginRefreshRequired, TokenRetrievalError, UnauthorizedSSOTokenError
from s3_storage import S3Server
from s3fs import S3FileSystem

from orchestrator.store import CellStore, Lease, ObjectStore, StoreError
from orchestrator.store.answers import may_pass, refusal
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.kinds import KINDS
from trainables.records import CellResult

NAME = "cells/one/history/0001.json"
KEYS = [f"{number:032x}" for number in range(100)]


@pytest.fixture
def store(bucket: str) -> ObjectStore:
    return ObjectStore(f"{bucket}/cells of ours")


# What is asked of it.


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
        cells.newest_try(key).conclude_diverged(CellResult(status="finished", epochs=number, measured_at=1.0))
    s3.most_at_once = 0
    with s3.watched() as seen:
        results = cells.results(KEYS)
    assert list(results) == done
    assert [stored.result.epochs for stored in results.values()] == list(range(len(done)))
    # Of one that has not finished it is also asked whether its outcome was given up.
    assert len(seen) == len(done) + 2 * (len(KEYS) - len(done))
    assert s3.most_at_once > 4


def test_a_storage_that_fails_is_not_asked_about_every_other_cell(store: ObjectStore, s3: S3Server) -> None:
    for _ in range(store.at_once):
        s3.answer("GET", "403 Forbidden", "AccessDenied")
    with s3.watched() as seen, pytest.raises(StoreError, match="access is refused"):
        CellStore(store).results(KEYS)
    assert len(seen) < len(KEYS)


# Several processes.


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


def test_a_session_whose_answer_was_lost_is_noted_once(store: ObjectStore, s3: S3Server) -> None:
    cells = CellStore(store)
    s3.lose_answer("PUT")
    cells.add_session(KEYS[0], {"at": 1.5})
    assert cells.sessions(KEYS[0]) == [{"at": 1.5}]


def test_a_refusal_that_does_not_say_which_condition_failed_is_understood(store: ObjectStore, s3: S3Server) -> None:
    s3.answer("PUT", "412 Precondition Failed", "PreconditionFailed")
    assert not store.create(NAME, b"x")


# What is said.


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


@pytest.mark.parametrize(
    "over",
    [UnauthorizedSSOTokenError(), TokenRetrievalError(provider="sso", error_msg="expired"), LoginRefreshRequired()],
    ids=lambda error: type(error).__name__,
)
def test_a_session_that_is_over_is_no_network_that_does_not_answer(over: BotoCoreError) -> None:
    assert not may_pass(over)
    said = str(refusal(over, "s3://bucket/cells/x", "read", None, KINDS["s3"]))
    assert "no valid credentials for it are found" in said
    assert "set or renew them: AWS_ACCESS_KEY_ID" in said
