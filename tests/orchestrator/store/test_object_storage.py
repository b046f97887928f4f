"""Cells on each kind of object storage, over HTTP: what is asked of it, what is tried again, what is said."""

import pickle
import socket
import sys

import pytest
from fsspec.registry import _registry
from loopback_storage import LoopbackStorage
from stores import new_bucket

from orchestrator.store import ObjectStore, StoreError, check_store
from orchestrator.store.kinds import KINDS
from orchestrator.store.object_storage import TRIES

NAME = "cells/one/history/0001.json"

SERVERS = {"s3": "s3", "gs": "google", "az": "azure"}
CREDENTIALS = {
    "s3": (r"AWS_ACCESS_KEY_ID and AWS_SECRET", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]),
    "gs": (r"GOOGLE_APPLICATION_CREDENTIALS", ["STORAGE_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS"]),
    "az": (r"AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_NAME", ["AZURE_STORAGE_CONNECTION_STRING"]),
}
"""What a message names, and what must not be in the environment for it to be said."""

ADDRESS = {
    "s3": ("AWS_ENDPOINT_URL", "{}"),
    "gs": ("STORAGE_EMULATOR_HOST", "{}"),
    "az": ("AZURE_STORAGE_CONNECTION_STRING", "AccountName=a;AccountKey=a2V5;BlobEndpoint={}/a;"),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def storage(kind: str, request: pytest.FixtureRequest) -> LoopbackStorage:
    server: LoopbackStorage = request.getfixturevalue(SERVERS[kind])
    server.forget_faults()
    return server


@pytest.fixture
def store(storage: LoopbackStorage, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # the client's own tries, which wait for seconds
    return ObjectStore(f"{new_bucket(storage, monkeypatch)}/cells of ours")


# What is asked of it.


def test_each_operation_is_one_request(store: ObjectStore, storage: LoopbackStorage) -> None:
    with storage.watched() as seen:
        store.create(NAME, b"x")
        store.replace(NAME, b"z")
        store.read(NAME)
        store.read("absent")
        store.names("cells")
        store.names("absent")
        store.delete(NAME)
    expected = [storage.put, storage.put, "GET", "GET", "GET", "GET", "DELETE"]
    assert [request.split()[0] for request in seen] == expected


def test_more_names_than_one_answer_holds_are_all_listed(
    store: ObjectStore, storage: LoopbackStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    if storage.protocol != "s3":  # moto's pages are as long as S3's: a thousand names
        monkeypatch.setattr(f"{type(storage).__module__}.PAGE", 3)
    names = [f"cells/one/history/{number:04d}.json" for number in range(8)]
    for name in names:
        store.create(name, b"")
    assert store.names("cells/one") == names


def test_a_store_that_is_sent_to_a_worker_works_there_and_carries_no_credentials(
    store: ObjectStore, storage: LoopbackStorage
) -> None:
    store.create(NAME, b"x")
    sent = pickle.dumps(store)
    assert pickle.loads(sent).read(NAME) == b"x"
    for secret in storage.environment.values():
        assert secret.encode() not in sent


# What is tried again.


def test_a_record_whose_answer_was_lost_is_known_for_ones_own_and_not_written_twice(
    store: ObjectStore, storage: LoopbackStorage
) -> None:
    storage.lose_answer(storage.put)
    assert store.create(NAME, b"a time and a process")
    assert store.read(NAME) == b"a time and a process"


def test_a_record_that_another_has_written_before_the_second_try_is_not_taken_for_ones_own(
    store: ObjectStore, storage: LoopbackStorage
) -> None:
    store.create(NAME, b"another's")
    storage.answer(storage.put, "503 Service Unavailable", "SlowDown")
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
    status: str, code: str, store: ObjectStore, storage: LoopbackStorage
) -> None:
    for _ in range(TRIES - 1):
        storage.answer(storage.put, status, code)
    assert store.create(NAME, b"x")
    storage.answer("GET", status, code)
    assert store.read(NAME) == b"x"
    storage.answer("GET", status, code)
    assert store.names("cells") == [NAME]
    storage.answer("DELETE", status, code)
    store.delete(NAME)
    assert store.read(NAME) is None


# What is said.


def test_a_bucket_that_is_missing_is_not_taken_for_an_empty_one(store: ObjectStore) -> None:
    url = f"{store.url.partition('://')[0]}://no-such-bucket"
    for ask in ("read", "names", "delete", "create"):
        missing = ObjectStore(f"{url}/prefix")
        with pytest.raises(StoreError, match=f"there is no bucket {url}; make it first"):
            missing.create(NAME, b"x") if ask == "create" else getattr(missing, ask)(NAME)


@pytest.mark.parametrize("call", ["replace", "create", "read", "names", "delete"])
def test_a_refusal_is_told_with_what_to_check_and_not_tried_again(
    call: str, store: ObjectStore, storage: LoopbackStorage
) -> None:
    writes = call in ("replace", "create")
    method = storage.put if writes else {"delete": "DELETE"}.get(call, "GET")
    storage.answer(method, "403 Forbidden", "AuthorizationFailure")
    with (
        storage.watched() as seen,
        pytest.raises(StoreError, match=r"access is refused .*check the credentials") as caught,
    ):
        getattr(store, call)(NAME, *([b"x" * 2000] if writes else []))
    assert len(seen) == 1
    assert f"{store.url}/{NAME}" in str(caught.value)
    assert ("(2.0 kB) cannot be written" in str(caught.value)) == writes
    assert "What was stored before is untouched" in str(caught.value)


def test_missing_credentials_are_told_with_what_to_set(
    kind: str, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, needed = CREDENTIALS[kind]
    for name in needed:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "CLOUDSDK_CONFIG"):
        monkeypatch.setenv(name, "/nonexistent")
    with pytest.raises(StoreError, match=rf"no valid credentials for it are found .*{named}"):
        store.read(NAME)


def test_a_storage_that_does_not_answer_is_told_with_what_to_check(
    kind: str, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable, value = ADDRESS[kind]
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv(variable, value.format(f"http://127.0.0.1:{unused.getsockname()[1]}"))
        with pytest.raises(StoreError, match=rf"it does not answer .*check the network, and {variable}"):
            check_store(store)


def test_a_missing_package_is_told_with_how_to_install_it(
    kind: str, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, extra = KINDS[kind].package, KINDS[kind].extra
    monkeypatch.setitem(sys.modules, package, None)
    for loaded in (f"{package}.core", f"orchestrator.store.{SERVERS[kind]}_files"):
        monkeypatch.delitem(sys.modules, loaded, raising=False)
    monkeypatch.delitem(_registry, kind, raising=False)  # where it remembers that it was there
    with pytest.raises(StoreError, match=rf"the package {package} is missing .*pip install 'seedwise\[{extra}\]'"):
        store.read(NAME)


# Whether it can be trusted.


def test_a_sound_storage_passes_the_check_and_keeps_nothing_of_it(store: ObjectStore) -> None:
    check_store(store)
    assert store.names("probes") == []


def test_a_storage_that_writes_over_what_is_there_is_refused(
    store: ObjectStore, storage: LoopbackStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "heeds_conditions", False)
    with pytest.raises(StoreError, match=r"lets a record be created twice.*choose another place"):
        check_store(store)


def test_a_storage_that_cannot_write_on_a_condition_is_refused(
    store: ObjectStore, storage: LoopbackStorage
) -> None:
    storage.answer(storage.put, "501 Not Implemented", "NotImplemented")
    with pytest.raises(StoreError, match="it cannot write on a condition"):
        check_store(store)
