"""Where the cells lie: named once, remembered by the home, and found sound before anything is begun."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from in_process import without_ray
from s3_storage import S3Server
from said import Call
from spoken import SOUND, Refused, contents, says
from tenacity import wait_none

from orchestrator.plan import PlannedCell
from orchestrator.record import Recorder
from orchestrator.run.cluster import Node
from orchestrator.run.experiments import Experiments
from orchestrator.store import CellStore, Home, LocalStore, ObjectStore, Store, SweepStore, object_storage
from trainables.records import CellResult

KEY = "0f" * 16


@pytest.fixture(autouse=True)
def _a_sound_sweep() -> None:
    Path("ok.yaml").write_text(SOUND)


def used(store: Store) -> Store:
    """One diverged cell, of a sweep called `earlier`."""
    arm = {"name": "loss=cross_entropy", "settings": {"loss": "cross_entropy"}}
    plan = {
        "sweep": "earlier",
        "arms": [arm],
        "baseline": arm["name"],
        "decide": {"metric": "test_accuracy", "direction": "maximize", "margin": None, "pairs": "baseline"},
        "seeds": [0],
        "cells": [{"key": KEY, "arm": arm["name"], "seed": 0}],
    }
    SweepStore(store).save("earlier", plan, SOUND)
    CellStore(store).newest_try(KEY).conclude_diverged(CellResult(status="diverged", epochs=0, measured_at=1.0))
    return store


# Refused before anything is begun.


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://no-such-bucket/cells", "there is no bucket s3://no-such-bucket; make it first"),
        ("s3://me:hunter2@bucket/cells", "set credentials in the environment"),
        ("sftp://host/cells", "mount it on every machine"),
        ("some/folder", "a URL is wanted"),
    ],
)
@pytest.mark.usefixtures("bucket")
def test_a_store_that_cannot_be_is_told(url: str, said: str, refused: Refused, new_home: Path) -> None:
    for command in ("run", "resume"):
        answer = refused(command, "ok.yaml", "--store", url, home=new_home)
        assert said in answer
        assert "hunter2" not in answer
    assert not new_home.exists()


def test_a_storage_that_does_not_answer_is_told(
    bucket: str, refused: Refused, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(object_storage, "WAIT_S", wait_none())
    said = refused("run", "ok.yaml", "--store", f"{bucket}/cells", home=new_home)
    assert says(said, f"{bucket}/cells/… cannot be written: it does not answer …AWS_ENDPOINT_URL …"), said
    assert not new_home.exists()


def test_a_storage_that_writes_over_what_is_there_is_told(
    bucket: str, s3: S3Server, refused: Refused, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "heeds_conditions", False)
    said = refused("run", "ok.yaml", "--store", f"{bucket}/cells", home=new_home)
    assert "lets a record be created twice" in said
    assert not new_home.exists()


def test_doctor_says_of_the_store_whether_it_can_be_trusted(
    bucket: str, s3: S3Server, call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def running(address: str | None, log: Path) -> Iterator[tuple[Node, ...]]:
        yield (Node("here", 2, 0),)

    monkeypatch.setattr("orchestrator.cli.checkup.running_ray", running)

    def of_the_store() -> tuple[str, str]:
        said = call("doctor", "--json", "--home", str(new_home), "--store", f"{bucket}/cells")
        (finding,) = [finding for finding in json.loads(said.out) if finding["check"] == "store"]
        return finding["state"], finding["said"]

    assert of_the_store() == ("ok", f"{bucket}/cells can be written, each record once")
    monkeypatch.setattr(s3, "heeds_conditions", False)
    state, said = of_the_store()
    assert state == "broken"
    assert "lets a record be created twice" in said


# Named once.


def test_compare_finds_the_cells_where_the_option_or_the_variable_says(
    bucket: str, call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used(ObjectStore(f"{bucket}/cells"))
    asked = ("compare", "earlier", "--json", "--home", str(new_home))
    assert call(*asked).code == 2
    assert json.loads(call(*asked, "--store", f"{bucket}/cells").out)["sweep"] == "earlier"
    monkeypatch.setenv("SEEDWISE_STORE", f"{bucket}/cells")
    assert json.loads(call(*asked).out)["sweep"] == "earlier"
    assert not new_home.exists()  # whoever only looks leaves nothing


def test_a_home_remembers_where_its_cells_lie(bucket: str, call: Call, new_home: Path) -> None:
    used(ObjectStore(f"{bucket}/cells"))
    Home.at(new_home, f"{bucket}/cells").remember_store()
    said = call("compare", "earlier", "--json", "--home", str(new_home))
    assert json.loads(said.out)["sweep"] == "earlier"


@pytest.mark.parametrize("command", ["run", "plan", "resume"])
def test_another_place_than_the_home_remembers_is_refused(
    command: str, refused: Refused, new_home: Path, tmp_path: Path
) -> None:
    Home.at(new_home, "s3://bucket/cells").remember_store()
    other = (tmp_path / "other").as_uri()
    said = refused(command, "ok.yaml", "--store", other, home=new_home)
    assert said == (
        f"the home {new_home} keeps its cells in s3://bucket/cells, not in {other}; leave --store and "
        "SEEDWISE_STORE out, or choose another home with --home"
    )


def test_a_home_that_has_cells_of_its_own_is_not_made_to_look_for_them_elsewhere(
    refused: Refused, used_home: Path
) -> None:
    said = refused("run", "ok.yaml", "--store", "s3://bucket/cells", home=used_home)
    assert f"the home {used_home} keeps its cells in itself, not in s3://bucket/cells" in said


@pytest.mark.usefixtures("bucket")
def test_a_failed_cells_log_is_named_where_it_lies(bucket: str, new_home: Path) -> None:
    assert Home.at(new_home, f"{bucket}/cells").failures(KEY) == f"{bucket}/cells/cells/{KEY}/failures"
    assert Home.at(new_home).failures(KEY) == str(new_home / "cells" / KEY / "failures")


# A folder elsewhere.


def test_cells_in_a_folder_elsewhere_are_written_there_and_only_there(
    call: Call, new_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"

    without_ray(monkeypatch)
    monkeypatch.setattr(Experiments, "over", lambda *_: None)
    said = call("run", "ok.yaml", "--home", str(new_home), "--store", shared.as_uri())
    assert said.code == 1, said
    assert LocalStore(shared).names("cells")
    assert not [name for name in contents(new_home) if "cells/" in str(name)]
    assert json.loads(call("plan", "ok.yaml", "--json", "--home", str(new_home)).out)["new"] > 0
    assert Home.at(new_home).store().url == str(shared)


# Lost on the way.


def test_credentials_that_expire_while_cells_train_end_the_sweep_with_how_to_go_on(
    bucket: str, s3: S3Server, call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expire(cell: PlannedCell, number: int) -> None:
        if "binary" in cell.arm:
            for method in ("GET", "PUT", "DELETE") * 200:
                s3.answer(method, "403 Forbidden", "ExpiredToken")

    without_ray(monkeypatch, expire)
    monkeypatch.setattr(Recorder, "start", lambda recorder: None)  # MLflow takes seconds to be made
    said = call("run", "ok.yaml", "--home", str(new_home), "--store", f"{bucket}/cells")
    s3.forget_faults()
    assert said.code == 2, said
    assert says(
        said.err,
        f"error: {bucket}/cells/… cannot be read: access is refused …that they have not expired, …"
        "What was stored before is untouched; once that is mended, run the same command to go on\n",
    ), said.err
