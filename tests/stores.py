"""What opens each kind of store in an empty place, with an awkward name."""

from collections.abc import Callable
from pathlib import Path

import pytest
from azurite import Azurite
from loopback_storage import LoopbackStorage

from orchestrator.store import LocalStore, ObjectStore, Store

OpenStore = Callable[[], Store]

AWKWARD = "a home with 'quotes', \"more\" and ünïcode"


def local(request: pytest.FixtureRequest) -> OpenStore:
    folder: Path = request.getfixturevalue("tmp_path")
    return lambda: LocalStore(folder / AWKWARD)


def objects(server: str) -> Callable[[pytest.FixtureRequest], OpenStore]:
    def on_that(request: pytest.FixtureRequest) -> OpenStore:
        url = new_bucket(request.getfixturevalue(server), request.getfixturevalue("monkeypatch"))
        return lambda: ObjectStore(f"{url}/{AWKWARD}")

    return on_that


def new_bucket(server: LoopbackStorage | Azurite, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty one, with what its clients must find in the environment."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server.new_bucket()


STORES = {"local": local, **{server: objects(server) for server in ("s3", "google", "azure", "azurite")}}
"""To add a kind of store, add what opens it in an empty place: the contract then holds it to its promises."""
