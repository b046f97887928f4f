"""From a URL to a store: what is taken, what is refused, and that no secret is shown while refusing."""

from pathlib import Path

import pytest

from orchestrator.store import LocalStore, ObjectStore, open_store
from orchestrator.store.opening import checked_url
from trainables.errors import UserError


@pytest.mark.parametrize(
    "url",
    ["s3://bucket", "s3://bucket/prefix", "s3://a.bucket-1/deep/er/pre fix's ünïcode", "gs://b/c", "az://b/c"],
)
def test_a_bucket_is_opened_without_asking_it_anything(url: str) -> None:
    store = open_store(checked_url(url))
    assert isinstance(store, ObjectStore)
    assert store.url == url


def test_a_slash_at_the_end_makes_no_other_place() -> None:
    assert checked_url("s3://bucket/prefix//") == "s3://bucket/prefix"
    assert checked_url("file:///shared/cells/") == "file:///shared/cells"


@pytest.mark.parametrize(
    ("url", "kept"), [("abfs://c/p", "az://c/p"), ("gcs://b/p/", "gs://b/p"), ("s3a://b", "s3://b")]
)
def test_a_place_of_two_names_is_remembered_by_one(url: str, kept: str) -> None:
    assert checked_url(url) == kept


@pytest.mark.parametrize("folder", ["shared/cells", "with a space", "ünïcode 100%", "hash#and?mark", "me@home"])
def test_a_folder_is_a_local_store(folder: str, tmp_path: Path) -> None:
    store = open_store(checked_url((tmp_path / folder).as_uri()))
    assert isinstance(store, LocalStore)
    assert store.root == tmp_path / folder


def test_a_path_is_answered_with_the_url_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=f"--store my cells: a URL is wanted .* file://{tmp_path}/my%20cells"):
        checked_url("my cells")


@pytest.mark.parametrize("url", ["file://host/shared", "file://relative", "file:///", "file://~/cells"])
def test_a_folder_needs_three_slashes(url: str) -> None:
    with pytest.raises(UserError, match="the path of a folder is wanted, with three slashes"):
        checked_url(url)


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "s3://bucket//prefix", "s3://bucket/../other"])
def test_a_bucket_needs_a_name_and_a_plain_prefix(url: str) -> None:
    with pytest.raises(UserError, match="s3://BUCKET/PREFIX is wanted"):
        checked_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "oss://bucket/cells",
        "hdfs://host/cells",
        "webdav://host/cells",
        "memory://cells",
        "simplecache::s3://bucket",
        "http://host/x",
    ],
)
def test_what_is_not_known_to_refuse_a_second_writer_is_refused(url: str) -> None:
    with pytest.raises(UserError, match="cells cannot lie there, for it is not known to refuse the second of two"):
        checked_url(url)


@pytest.mark.parametrize("protocol", ["sftp", "smb", "nfs"])
def test_a_shared_file_system_is_to_be_mounted(protocol: str) -> None:
    with pytest.raises(UserError, match=r"both would win; mount it on every machine .* --store file:///FOLDER"):
        checked_url(f"{protocol}://host/cells")


@pytest.mark.parametrize(
    "url",
    [
        "s3://AKIAXYZ:hunter2@bucket/prefix",
        "s3://hunter2@bucket/prefix",
        "s3://bucket/prefix?secret=hunter2",
        "s3://bucket/prefix#hunter2",
        "sftp://me:hunter2@host/cells",
        "hunter2:hunter2@host",
        "file://me:hunter2@host/cells",
    ],
)
def test_a_url_with_a_secret_in_it_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(UserError, match="--store") as caught:
        checked_url(url)
    assert "hunter2" not in str(caught.value)
    assert "set credentials in the environment" in str(caught.value)
