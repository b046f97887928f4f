"""While a command loads what it needs, nobody looks for garbage in it; afterwards as ever."""

import gc
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from orchestrator.cli.loading import loading


@pytest.fixture
def nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("orchestrator.cli.loading.sys", SimpleNamespace(modules={}))
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("nothing_loaded")
def test_garbage_is_looked_for_again_afterwards_and_not_in_what_was_loaded() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


@pytest.mark.usefixtures("nothing_loaded")
def test_an_import_that_fails_leaves_it_as_it_was() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()


def test_a_program_that_calls_a_command_keeps_its_own_garbage_as_it_is() -> None:
    assert "torch" in sys.modules or __import__("torch")
    with loading():
        assert gc.isenabled()
    assert gc.get_freeze_count() == 0
