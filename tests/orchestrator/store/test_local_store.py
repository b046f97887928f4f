"""The store on a disk: what survives a crash, and what is said when the disk refuses."""

import errno
import multiprocessing
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from orchestrator.store import LocalStore, StoreError
from orchestrator.store.local import TRIES
from orchestrator.store.opening import open_store

NAME = "cells/one/history/0001.json"


@pytest.fixture
def local(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "home")


@pytest.mark.parametrize("last_call", ["fsync", "link"])
def test_a_process_killed_before_a_record_has_its_name_leaves_nothing_to_read(
    last_call: str, local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        os._exit(9)

    local.create("cells/one/history/0000.json", b"whole")
    child = multiprocessing.get_context("fork").Process(target=local.create, args=(NAME, b"half"))
    with monkeypatch.context() as patched:
        patched.setattr(os, last_call, die)
        child.start()
    child.join()
    assert child.exitcode == 9
    left_over = list(local.root.rglob(".aside-*"))
    assert len(left_over) == 1
    assert local.read(NAME) is None
    assert local.names("cells") == ["cells/one/history/0000.json"]
    assert local.create(NAME, b"another's")
    assert local.read(NAME) == b"another's"


def test_a_record_is_on_the_disk_before_it_has_its_name_and_its_name_before_the_call_returns(
    local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.create("cells/one/settings.json", b"so that the folder is there")
    calls: list[str] = []
    for name in ("fsync", "link", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, name=name, real=real: (calls.append(name), real(*a))[1])
    local.create("cells/one/result.json", b"x")
    local.replace("cells/one/result.json", b"y")
    assert calls == ["fsync", "link", "fsync", "fsync", "replace", "fsync"]


def test_the_name_of_each_new_folder_is_synced_into_the_one_above_it(
    local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[str] = set()
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.add(os.readlink(f"/proc/self/fd/{fd}")), real(fd))[1])
    local.create(NAME, b"x")
    folders = [local.root.parent, local.root, *(local.root / part for part in ("cells", "cells/one"))]
    assert {str(folder) for folder in folders} <= synced


REFUSALS = {
    "no space": (errno.ENOSPC, "no space is left on its disk: this takes 5 bytes, and "),
    "quota": (errno.EDQUOT, "your disk quota is used up; free some space"),
    "read-only": (errno.EROFS, "its file system is read-only; choose another place with --home"),
    "not allowed": (errno.EACCES, "permission is denied; choose a place that you may write to with --home"),
    "forbidden": (errno.EXDEV, "Invalid cross-device link; choose another place with --home"),
    "broken": (errno.EIO, "Input/output error; choose another place with --home"),
}


@pytest.mark.parametrize(("number", "remedy"), REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("call", ["fsync", "link", "replace"])
def test_a_disk_that_refuses_to_write_is_named_with_the_remedy_and_nothing_is_changed(
    call: str, number: int, remedy: str, local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.create("cells/one/lease", b"before")
    refuse(monkeypatch, os, call, number)
    write = local.replace if call == "replace" else local.create
    name = "cells/one/lease" if call == "replace" else NAME
    with pytest.raises(StoreError, match=re.escape(remedy)) as caught:
        write(name, b"after")
    assert str(local.root / name) in str(caught.value)
    assert "What was stored before is untouched" in str(caught.value)
    monkeypatch.undo()
    assert local.read("cells/one/lease") == b"before"
    assert local.names("cells") == ["cells/one/lease"]
    assert not list(local.root.rglob(".aside-*"))


@pytest.mark.parametrize("option", ["--home", "--store"])
@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK])
def test_a_file_system_without_hard_links_is_said_to_have_none(
    number: int, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, os, "link", number)
    store = LocalStore(tmp_path) if option == "--home" else open_store(tmp_path.as_uri())
    said = (
        f"has no hard links, .* \\({os.strerror(number)}\\); choose another place with {option}, or object storage"
    )
    with pytest.raises(StoreError, match=said):
        store.create(NAME, b"x")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EOPNOTSUPP, errno.EIO])
def test_a_folder_that_its_file_system_cannot_sync_holds_records_and_one_that_fails_to_does_not(
    number: int, local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def of_files_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", of_files_only)
    monkeypatch.setattr("orchestrator.store.local.TRIES", 1)
    if number == errno.EIO:
        with pytest.raises(StoreError, match="Input/output error"):
            local.create(NAME, b"x")
    else:
        assert local.create(NAME, b"x")
        local.replace("sweeps/a/plan.json", b"y")


def test_a_folder_that_cannot_be_made_is_a_store_error(local: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, Path, "mkdir", errno.EACCES)
    with pytest.raises(StoreError, match="cannot be written: permission is denied"):
        local.create(NAME, b"x")


@pytest.mark.parametrize("taken", ["home", "home/cells"])
@pytest.mark.parametrize("link", [False, True])
def test_a_file_or_a_broken_link_where_a_folder_must_be_is_named(taken: str, link: bool, tmp_path: Path) -> None:
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    if link:
        (tmp_path / taken).symlink_to("/not/mounted")
    else:
        (tmp_path / taken).write_text("in the way")
    with pytest.raises(
        StoreError, match=f"cannot be written: {tmp_path / taken} is no folder, and must be one; move"
    ):
        LocalStore(tmp_path / "home").create(NAME, b"x")


def test_a_record_that_cannot_be_read_or_deleted_is_a_store_error(
    local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.create(NAME, b"x")
    refuse(monkeypatch, Path, "read_bytes", errno.EACCES)
    with pytest.raises(StoreError, match=r"0001\.json cannot be read: permission is denied"):
        local.read(NAME)
    refuse(monkeypatch, Path, "unlink", errno.EROFS)
    with pytest.raises(StoreError, match=r"0001\.json cannot be deleted: its file system is read-only"):
        local.delete(NAME)


def test_a_folder_that_cannot_be_listed_is_not_taken_for_an_empty_one(
    local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.create(NAME, b"x")
    refuse(monkeypatch, os, "scandir", errno.EIO)
    with pytest.raises(StoreError, match="cells cannot be read: Input/output error"):
        local.names("cells")


def refuse(monkeypatch: pytest.MonkeyPatch, owner: Any, call: str, number: int) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(owner, call, refused)


def test_a_file_that_a_file_system_leaves_is_no_record(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.create("failures/0001.json", b"{}")
    (tmp_path / "failures" / ".nfs0001").write_bytes(b"")
    assert store.names("failures") == ["failures/0001.json"]


# What a network file system refuses for a moment.


PASSING = pytest.mark.parametrize("number", [errno.ESTALE, errno.EIO, errno.ETIMEDOUT, errno.EAGAIN, errno.EBUSY])


def refuse_at_first(monkeypatch: pytest.MonkeyPatch, owner: Any, call: str, number: int, times: int) -> None:
    """The first `times` calls do nothing but fail."""
    real, left = getattr(owner, call), [number] * times

    def refused(*arguments: Any, **named: Any) -> Any:
        if left:
            raise OSError(left.pop(), "not now")
        return real(*arguments, **named)

    monkeypatch.setattr(owner, call, refused)


@PASSING
def test_what_passes_by_itself_is_waited_for(
    number: int, local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for owner, call in ((os, "fsync"), (os, "link"), (os, "replace"), (Path, "read_bytes"), (os, "scandir")):
        refuse_at_first(monkeypatch, owner, call, number, 2)
    refuse_at_first(monkeypatch, Path, "unlink", number, 1)
    assert local.create(NAME, b"first")
    local.replace(NAME, b"second")
    assert local.read(NAME) == b"second"
    assert local.names("cells") == [NAME]
    local.delete(NAME)
    assert local.names("cells") == []
    assert not list(local.root.rglob(".aside-*"))


def test_what_does_not_pass_is_told_in_the_end(local: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_at_first(monkeypatch, os, "link", errno.EIO, TRIES)
    with pytest.raises(StoreError, match="cannot be written: not now"):
        local.create(NAME, b"x")


def test_what_would_not_pass_is_told_at_once(local: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_at_first(monkeypatch, os, "link", errno.EACCES, 1)
    with pytest.raises(StoreError, match="permission is denied"):
        local.create(NAME, b"x")


@pytest.mark.parametrize("number", [errno.EIO, errno.EEXIST])
def test_a_link_whose_answer_was_lost_is_known_for_ones_own(
    number: int, local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is asked again finds the name that it has made itself."""
    real = os.link

    def lost(aside: Path, path: Path) -> None:
        real(aside, path)
        raise OSError(number, "the answer is lost")

    monkeypatch.setattr(os, "link", lost)
    assert local.create(NAME, b"mine")
    assert not local.create(NAME, b"another's")
    assert local.read(NAME) == b"mine"


def test_a_record_that_is_linked_is_ones_own_though_its_folder_is_synced_at_the_second_try(
    local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.create("cells/one/history/0000.json", b"so that the folder is there")
    syncs: list[int] = []
    real = os.fsync

    def second_fails(descriptor: int) -> None:
        syncs.append(descriptor)
        if len(syncs) == 2:
            raise OSError(errno.EIO, "not now")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", second_fails)
    assert local.create(NAME, b"mine")
    assert len(syncs) == 3
