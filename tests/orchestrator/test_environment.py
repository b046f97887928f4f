"""What a cell or a sweep ran on, as far as the machine tells."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch

from orchestrator import environment
from orchestrator.environment import cell_environment, git_state, hardware, usable_cores, versions


def test_cores_that_the_process_may_not_use_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 2, 5}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert usable_cores() == 3


def test_a_package_that_is_not_installed_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    version = importlib.metadata.version

    def without_ray(package: str) -> str:
        if package == "ray":
            raise importlib.metadata.PackageNotFoundError(package)
        return version(package)

    monkeypatch.setattr(importlib.metadata, "version", without_ray)
    found = versions()
    assert found["ray"] == "not installed"
    assert found["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert found["python"] == platform.python_version()


CPUINFO = "processor\t: 0\nmodel name\t: A Processor: 3 GHz\n\nprocessor\t: 1\nmodel name\t: A Processor: 3 GHz\n"


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        pytest.param(CPUINFO, "A Processor: 3 GHz", id="the first of several"),
        pytest.param("processor\t: 0\nCPU part\t: 0xd0c\n", platform.machine(), id="one without a name, as ARM's"),
        pytest.param(None, platform.processor() or platform.machine(), id="no /proc, as on macOS"),
    ],
)
def test_the_processor_is_named_as_well_as_the_system_can(
    cpuinfo: str | None, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if cpuinfo is not None:
        (tmp_path / "cpuinfo").write_text(cpuinfo)
    monkeypatch.setattr(environment, "Path", lambda path: tmp_path / Path(path).name)
    assert hardware()["cpu"] == name
    assert cell_environment("cpu", threads=3) == {
        "device": name,
        "threads": 3,
        "versions": versions(),
        "hardware": hardware(),
    }


def test_a_card_is_named_as_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"the card at {device}")
    assert cell_environment("cuda:0", threads=1)["device"] == "the card at cuda:0"


# The checkout.


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one commit."""
    for variable in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(variable)
    (tmp_path / "file").write_text("as committed")
    author = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "file"], [*author, "commit", "-qm", "One"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    return tmp_path


def test_the_commit_is_told_and_whether_anything_has_changed_since(checkout: Path) -> None:
    commit = subprocess.run(
        ["git", "-C", str(checkout), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    assert git_state(checkout) == {"commit": commit, "dirty": "False"}
    (checkout / "file").write_text("changed")
    assert git_state(checkout) == {"commit": commit, "dirty": "True"}


def raising(error: Exception) -> Any:
    def run(*_: Any, **__: Any) -> NoReturn:
        raise error

    return run


def test_outside_of_a_checkout_without_git_and_where_git_hangs_nothing_is_told(
    tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / ".git").rename(tmp_path / "elsewhere")
    assert git_state(tmp_path) == {}
    (tmp_path / "elsewhere").rename(tmp_path / ".git")
    assert git_state(tmp_path) != {}
    for error in (FileNotFoundError("git"), subprocess.TimeoutExpired("git", 10)):
        monkeypatch.setattr(subprocess, "run", raising(error))
        assert git_state(tmp_path) == {}
