"""A reader that goes away, a disk that is full, a stream that was never open: what each command then does."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from in_process import without_ray
from said import Said
from spoken import SOUND
from stored import APART, store_sweep

from orchestrator.cli import carry_out, main
from orchestrator.cli.output import standard_output
from orchestrator.cli.standard_streams import OutlivingStream
from orchestrator.run.driver import run_plan
from orchestrator.store import CellStore, Home

Onto = Callable[..., Said]


@pytest.fixture
def without_reader() -> Iterator[io.TextIOWrapper]:
    """A pipe that nobody reads any more."""
    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as stream:
        yield stream


@pytest.fixture
def full() -> Iterator[io.TextIOWrapper]:
    """A file on a disk without room; its own end is as Python's is, which flushes."""
    with open("/dev/full", "w") as stream:
        yield stream


@pytest.fixture
def onto(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Onto:
    """Calls `seedwise` with that as its standard output; gives the exit code and what it said elsewhere."""

    def onto(stream: io.TextIOWrapper | None, *words: str) -> Said:
        capfd.readouterr()
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", stream)
            with pytest.raises(SystemExit) as left:
                main(list(words))
        return Said(int(left.value.code or 0), *capfd.readouterr())

    return onto


@pytest.fixture
def compared(new_home: Path) -> tuple[str, ...]:
    """A command that prints a few thousand characters."""
    store_sweep(new_home, "x", APART)
    return ("compare", "x", "--home", str(new_home))


@pytest.fixture
def sweep(monkeypatch: pytest.MonkeyPatch, new_home: Path) -> tuple[str, ...]:
    """A command that trains two cells, and records nothing in MLflow."""
    Path("ok.yaml").write_text(SOUND)
    without_ray(monkeypatch)

    def trained_alone(command: Any, plan: Any, place: Home, last: Any, switch: Any) -> None:
        summary = run_plan(plan, command.loaded.text, place, standard_output(), switch=switch)
        assert len(summary.trained) == 2
        raise typer.Exit(summary.exit_code)

    monkeypatch.setattr(carry_out, "carry_out", trained_alone)
    return ("run", "ok.yaml", "--home", str(new_home))


def finished(home: Path) -> int:
    store = Home.at(home).store()
    return len(CellStore(store).results([path.name for path in (home / "cells").iterdir()]))


def test_a_sweep_whose_reader_goes_away_trains_on_without_a_word(
    sweep: tuple[str, ...], new_home: Path, onto: Onto, without_reader: io.TextIOWrapper
) -> None:
    assert onto(without_reader, *sweep) == Said(0, "", "")
    assert finished(new_home) == 2


def test_a_sweep_whose_log_takes_no_more_trains_on_and_says_so_where_it_can(
    sweep: tuple[str, ...], new_home: Path, onto: Onto, full: io.TextIOWrapper
) -> None:
    said = onto(full, *sweep)
    assert (said.code, said.err) == (
        0,
        "note: the standard output could not be written (No space left on device) and is not whole\n",
    )
    assert finished(new_home) == 2


def test_a_sweep_without_a_standard_output_trains_on(sweep: tuple[str, ...], new_home: Path, onto: Onto) -> None:
    assert onto(None, *sweep) == Said(0, "", "")
    assert finished(new_home) == 2


def test_a_comparison_of_which_only_the_head_is_read_ends_as_if_all_were(
    compared: tuple[str, ...], onto: Onto, without_reader: io.TextIOWrapper
) -> None:
    assert onto(without_reader, *compared) == Said(0, "", "")


def test_an_exit_code_is_that_of_the_finding_though_nobody_reads_it(
    onto: Onto, without_reader: io.TextIOWrapper
) -> None:
    words = ("--items", "100", "--n", "5", "--a", "a: min=80.5 mean=81 max=82", "--b", "b: min=60 mean=61 max=62")
    assert onto(without_reader, "audit", *words) == Said(1, "", "")


def test_a_comparison_that_its_file_cannot_hold_is_refused_in_words(
    compared: tuple[str, ...], onto: Onto, full: io.TextIOWrapper
) -> None:
    assert onto(full, *compared) == Said(
        2,
        "",
        "error: the standard output cannot be written (No space left on device), and what it holds is not whole; "
        "once that is mended, the same command prints it\n",
    )


def test_what_is_said_once_there_is_room_again_is_written(tmp_path: Path) -> None:
    class Disk(io.StringIO):
        has_room = False

        def write(self, text: str) -> int:
            if not self.has_room:
                raise OSError(122, "Disk quota exceeded")
            return super().write(text)

    disk = Disk()
    stream = OutlivingStream(disk)
    print("lost", file=stream)
    disk.has_room = True
    print("written", file=stream)
    assert (disk.getvalue(), stream.refusal) == ("written\n", "Disk quota exceeded")


@pytest.mark.parametrize("how", ["| :", "> /dev/full 2>&1 | :", ">&- 2>&- <&-"])
def test_nothing_is_left_for_python_to_complain_of_when_it_ends(how: str, tmp_path: Path) -> None:
    script = "import time; time.sleep(0.1); from orchestrator.cli import main; main()"
    command = f"{sys.executable} -c '{script}' --help {how}; echo ${{PIPESTATUS[0]}}"
    said = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert (said.stdout, said.stderr) == ("0\n", "")
