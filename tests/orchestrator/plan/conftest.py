"""What tests of plans share."""

from pathlib import Path

import pytest

from orchestrator.store import LocalStore


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of tokens, known by their content."""
    return tmp_path_factory.mktemp("token cache")


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "home")
