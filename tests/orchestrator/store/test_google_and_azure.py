"""What is Google's own, and what is Azure's own, in keeping cells there."""

import pytest
from azure_storage import AzureServer
from gcsfs.core import GCSFileSystem
from gcsfs.retry import HttpError
from google.auth.exceptions import RefreshError
from google_storage import GoogleServer
from stores import new_bucket

from orchestrator.store import ObjectStore, StoreError
from orchestrator.store.answers import may_pass

NAME = "cells/one/files/weights.safetensors"


def test_google_is_sent_an_object_in_one_piece_so_that_the_condition_is_looked_at_once(
    google: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_parts = (None, None, "application/octet-stream", None, 4, "overwrite")
    monkeypatch.setattr(GCSFileSystem._pipe_file, "__defaults__", without_parts)
    store = ObjectStore(new_bucket(google, monkeypatch))
    with google.watched() as seen:
        assert store.create(NAME, b"longer than a part")
        assert not store.create(NAME, b"another's")
    assert [request.split()[0] for request in seen] == ["POST", "POST", "GET"]
    assert store.read(NAME) == b"longer than a part"


def test_googles_credentials_that_could_not_be_renewed_for_a_moment_are_asked_for_again() -> None:
    # Either comes from gcsfs as a 401.
    passing, lasting = HttpError({"code": 401, "message": "Invalid Credentials"}), HttpError({"code": 401})
    passing.__cause__ = RefreshError("the metadata server is away", retryable=True)
    lasting.__cause__ = RefreshError("invalid_grant", retryable=False)
    assert may_pass(passing)
    assert not may_pass(lasting)


def test_a_bucket_of_googles_that_is_deleted_while_cells_lie_there_is_missed(
    google: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.store.google_files.SEEN_FOR_S", 0.0)
    store = ObjectStore(url := new_bucket(google, monkeypatch))
    store.create(NAME, b"x")
    assert store.read("absent") is None
    del google.buckets[url.partition("://")[2]]
    with pytest.raises(StoreError, match=f"there is no bucket {url}"):
        store.read("absent")


def test_a_folder_that_azure_lists_among_its_objects_is_no_record(
    azure: AzureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ObjectStore(new_bucket(azure, monkeypatch))
    for name in (NAME, "cells/one/files", "cells/one"):
        store.create(name, b"")
    monkeypatch.setattr(azure, "folders", {"cells/one/files", "cells/one"})
    assert store.names("cells") == [NAME]


def test_a_conflict_of_azures_that_is_another_than_the_name_is_not_taken_for_it(
    azure: AzureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ObjectStore(new_bucket(azure, monkeypatch))
    azure.answer("PUT", "409 Conflict", "ContainerBeingDeleted")
    assert store.create(NAME, b"x")
    assert store.read(NAME) == b"x"
