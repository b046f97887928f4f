"""Every command that opens a home leaves no run there RUNNING that does not run, and minds its own business."""

from pathlib import Path

import pytest
from said import Call
from spoken import SOUND

from orchestrator.store import Home, LocalStore

LOOKING = {
    "plan": ("plan", "sound.yaml"),
    "compare": ("compare", "damaged"),
    "predict": ("predict", "damaged", "A text."),
    "ui": ("ui", "--tracking-uri", "http://127.0.0.1:9"),
    "doctor": ("doctor",),
}
RECORDING = {
    "run": ("run", "sound.yaml", "--set", "seeds=0"),
    "resume": ("resume", "sound.yaml", "--set", "seeds=0"),
    "sync": ("sync", "damaged"),
}


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Home, float]]:
    """The homes that are settled, and in how many seconds; none of them can be."""
    called: list[tuple[Home, float]] = []

    def settle(home: Home, deadline_s: float) -> str:
        called.append((home, deadline_s))
        return "runs could not be closed"

    monkeypatch.setattr("orchestrator.record.settle", settle)
    return called


@pytest.fixture(autouse=True)
def _no_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting it takes seconds, and these tests are about something else."""
    monkeypatch.setattr("orchestrator.cli.checkup.running_ray", lambda *_: 1 / 0)


@pytest.mark.parametrize("command", [*LOOKING.values(), *RECORDING.values()], ids=[*LOOKING, *RECORDING])
def test_it_settles_its_home_once_and_says_on_standard_error_what_it_could_not_close(
    command: tuple[str, ...], call: Call, used_home: Path, settled: list[tuple[Home, float]]
) -> None:
    Path("sound.yaml").write_text(SOUND)
    LocalStore(used_home).create("sweeps/damaged/plan.json", b"{}")
    said = call(*command, "--home", str(used_home))
    deadline_s = 3.0 if command[0] in RECORDING else 30.0
    assert settled == [(Home(used_home), deadline_s)]
    assert "note: runs could not be closed\n" in said.err
    assert "could not be closed" not in said.out


def test_what_cannot_be_closed_changes_neither_the_answer_nor_the_exit_code(
    call: Call, used_home: Path, settled: list[tuple[Home, float]]
) -> None:
    Path("sound.yaml").write_text(SOUND)
    told = call("plan", "sound.yaml", "--json", "--home", str(used_home))
    assert told.code == 0
    assert told.out.startswith("{")
    assert told.err == "note: runs could not be closed\n"


def test_a_command_without_a_home_settles_nothing(call: Call, settled: list[tuple[Home, float]]) -> None:
    call("init", "my.yaml")
    assert settled == []
