"""Records damaged by hand: said in words, gone around, and in the end as if nothing had been.

The real command on a real store with a real MLflow; only Ray is left out, so that a case takes seconds. The last
test has Ray, too.
"""

import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cells import assert_same_bits
from in_process import without_ray
from ledger import note_nothing_lost
from processes import TINY_QUICKSTART
from recorded import assert_recorded_once

from orchestrator.cli import main
from orchestrator.plan import prepare_sweep
from orchestrator.record.tracking import import_mlflow
from orchestrator.results import ResultTable
from orchestrator.run.cell_work import CellWork
from orchestrator.run.work_left import commit_plan, work_left
from orchestrator.store import CellStore, Holder, Home, LocalStore
from orchestrator.store.base import seal
from orchestrator.store.damage import note_damage
from orchestrator.sweep_file import load_sweep

SWEEP = """\
data: {source: synthetic, train_rows: 60, test_rows: 60, median_words: 20}
split: {validation: {of: test, size: 20}}
model: {name: bag_of_embeddings, width: 4}
training: {epochs: 3}
vary:
  loss: [cross_entropy, binary_cross_entropy]
seeds: 1
"""
ARM = "loss=cross_entropy, seed 0"
"""The cell that is damaged: the first one."""


@dataclass
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def cells_carried_out_here() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        without_ray(patched)
        patched.setattr("orchestrator.report.composition.Report.pictures", ())
        patched.setattr("orchestrator.report.write.html", lambda report, figures: "")
        yield


@pytest.fixture(scope="module")
def sweep_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sweeps") / "small.yaml"
    path.write_text(SWEEP)
    return path


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's tables, which take it seconds to make."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    import_mlflow().MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    return path


def train(home: Home, sweep_file: Path, epochs_of: list[int]) -> None:
    """Plan, and of each cell train so many epochs; of three it finishes."""
    plan = prepare_sweep(load_sweep(sweep_file).spec, home.token_cache)
    commit_plan(home, plan, SWEEP, work_left(CellStore(home.store()), plan, False))
    for cell, epochs in zip(plan.cells, epochs_of, strict=True):
        work = CellWork(cell.key, cell.config, plan.corpora[cell.corpus], home.store(), device="cpu", threads=1)
        for _ in range(epochs):
            work.step()
        work.close()


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, sweep_file: Path) -> Path:
    """A home with both cells finished. Not to be changed."""
    home = Home(tmp_path_factory.mktemp("done"))
    train(home, sweep_file, [3, 3])
    return home.root


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, sweep_file: Path) -> Path:
    """A home in which the first cell has come through two epochs, and the second is finished."""
    home = Home(tmp_path_factory.mktemp("begun"))
    train(home, sweep_file, [2, 3])
    return home.root


class Harmed:
    """A home in which something is about to be damaged."""

    def __init__(self, root: Path):
        self.root = root
        plan = json.loads((root / "sweeps/small/plan.json").read_text())["content"]
        self.cell = root / "cells" / plan["cells"][0]["key"]

    def records(self, pattern: str) -> list[Path]:
        """Of the cell, from the earliest on."""
        found = sorted(self.cell.glob(pattern))
        assert found, f"{pattern} is not there"
        return found


Harm = Callable[[Path], object]


def flip(path: Path) -> None:
    """One bit, in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def cut(path: Path) -> None:
    """As a writer leaves it that is killed in the middle and does not write aside."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


Call = Callable[..., Said]


@pytest.fixture
def call(cells_carried_out_here: None, sweep_file: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Calls `seedwise` on the sweep in this test's home."""

    def call(command: str, *words: str) -> Said:
        capfd.readouterr()
        named = str(sweep_file) if command in ("run", "plan") else "small"
        with pytest.raises(SystemExit) as left:
            main([command, named, *words, "--home", str(tmp_path / "home")])
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err, out + err
        return Said(int(left.value.code or 0), out, err)

    return call


@pytest.fixture
def harmed(tmp_path: Path, empty_database: Path) -> Callable[[Path], Harmed]:
    """A copy of a home, with an MLflow of its own."""

    def copy(home: Path) -> Harmed:
        shutil.copytree(home, tmp_path / "home")
        shutil.copy(empty_database, tmp_path / "home" / "mlflow.db")
        return Harmed(tmp_path / "home")

    return copy


def assert_as_if_nothing_had_been(call: Call, home: Path, done: Path) -> None:
    assert_same_bits(ResultTable.open("small", home), ResultTable.open("small", done))
    assert_recorded_once(home, "small", epochs=3)
    again = call("run")
    assert (again.code, again.err) == (0, "")
    assert "2 of 2 cells finished (2 before, 0 in" in again.out
    assert call("predict", "A fine film.").code == 0
    note_nothing_lost("record cut short, flipped, half written or missing; lock left behind; cell folder emptied")


def kept(said: Said, home: Path) -> list[Path]:
    """Where the message says that damaged bytes lie."""
    words = said.err.replace(")", " ").replace(",", " ").split()
    return [Path(word) for word in words if word.startswith(str(home / "damaged"))]


FROM_THE_START = "it was trained again from the start and is finished"

FOUND_BY_RUN: dict[str, tuple[str, str, Harm, tuple[str, ...]]] = {
    "result flipped": ("done", "result.json", flip, ("result.json is not what was written", FROM_THE_START)),
    "result half written": ("done", "result.json", cut, ("result.json is not what was written", FROM_THE_START)),
    "result empty": ("done", "result.json", empty, ("result.json is not what was written", FROM_THE_START)),
    "weights missing": (
        "done",
        "files/weights-*",
        Path.unlink,
        ("files/weights-", " is missing, result.json has lost what belongs to it", FROM_THE_START),
    ),
    "predictions missing": (
        "done",
        "files/test-*",
        Path.unlink,
        ("files/test-", " is missing, result.json has lost what belongs to it", FROM_THE_START),
    ),
    "epoch missing": (
        "done",
        "history/0002.json",
        Path.unlink,
        ("history/0002.json is missing, result.json has lost what belongs to it", FROM_THE_START),
    ),
    "session flipped": (
        "done",
        "sessions/0001.json",
        flip,
        ("sessions/0001.json is not what was written", "the cell itself is whole"),
    ),
    "newest checkpoint flipped": (
        "begun",
        "checkpoint/000002-*",
        flip,
        ("checkpoint/000002-", "it went on after epoch 1 and is finished"),
    ),
    "newest checkpoint cut short": (
        "begun",
        "checkpoint/000002-*",
        cut,
        ("checkpoint/000002-", "it went on after epoch 1 and is finished"),
    ),
    "all checkpoints damaged": (
        "begun",
        "checkpoint/*",
        empty,
        ("checkpoint/000001-", "checkpoint/000002-", FROM_THE_START),
    ),
    "newest epoch flipped": (
        "begun",
        "history/0002.json",
        flip,
        ("history/0002.json is not what was written", "it went on after epoch 1 and is finished"),
    ),
    "newest epoch half written": (
        "begun",
        "history/0002.json",
        cut,
        ("history/0002.json is not what was written", "it went on after epoch 1 and is finished"),
    ),
    "first epoch flipped": (
        "begun",
        "history/0001.json",
        flip,
        ("history/0001.json is not what was written", FROM_THE_START),
    ),
    "lease flipped": (
        "begun",
        "lease/*",
        flip,
        ("lease/000001.json is not what was written", "it went on after epoch 2 and is finished"),
    ),
}
"""Home, which records, how they are damaged, what is said."""


@pytest.mark.parametrize("case", FOUND_BY_RUN)
def test_run_finds_the_damage_says_so_and_ends_as_if_nothing_had_been(
    case: str, harmed: Callable[[Path], Harmed], call: Call, done: Path, begun: Path
) -> None:
    base, pattern, harm, says = FOUND_BY_RUN[case]
    home = harmed({"done": done, "begun": begun}[base])
    before = {path: path.read_bytes() for path in home.records(pattern)}
    for path in before:
        harm(path)
    damaged = [path.read_bytes() for path in before if path.exists()]
    said = call("run")
    assert said.code == 0, said
    assert said.err.startswith(f"damaged: {ARM}: "), said.err
    assert [piece for piece in says if piece not in said.err] == [], said.err
    assert said.err.count("\n") == 1
    assert all(bytes_ in [path.read_bytes() for path in kept(said, home.root)] for bytes_ in damaged)
    assert_as_if_nothing_had_been(call, home.root, done)


@pytest.mark.parametrize(
    ("command", "pattern", "harm", "error"),
    [
        ("predict", "files/weights-*", flip, "error: cells/…/files/weights-… is damaged or missing; "),
        ("predict", "files/weights-*", cut, "error: cells/…/files/weights-… is damaged or missing; "),
        ("predict", "settings.json", flip, "error: the record of cell … is damaged; "),
        ("sync", "files/test-*", flip, ""),
        ("compare", "files/validation-*", flip, ""),
        ("compare", "result.json", cut, ""),
    ],
)
def test_another_command_that_finds_it_says_so_and_the_next_run_mends_it(
    command: str, pattern: str, harm: Harm, error: str, harmed: Callable[[Path], Harmed], call: Call, done: Path
) -> None:
    home = harmed(done)
    (record,) = home.records(pattern)
    harm(record)
    damaged = record.read_bytes()
    said = call(command, *(["A fine film."] if command == "predict" else []))
    assert said.code == {"predict": 2, "sync": 1, "compare": 0}[command]
    name = record.relative_to(home.cell)
    assert f"damaged: {ARM}: {name} is not what was written (kept as {home.root}/damaged/" in said.err
    whole = pattern == "settings.json"
    assert ("the cell itself is whole" if whole else "the next run of the sweep trains it again") in said.err
    assert [piece for piece in error.split("…") if piece not in said.err] == []
    assert damaged in [path.read_bytes() for path in kept(said, home.root)]
    assert "damaged:" not in call(command, *(["A fine film."] if command == "predict" else [])).err  # said once
    mended = call("run")
    assert (mended.code, mended.err) == (0, "")
    assert ("2 before, 0 in" if whole else "1 before, 1 in") in mended.out
    assert_as_if_nothing_had_been(call, home.root, done)


def test_a_damaged_epoch_of_a_done_cell_is_found_by_the_report_and_mended_by_the_next_run(
    harmed: Callable[[Path], Harmed], call: Call, done: Path
) -> None:
    home = harmed(done)
    flip(home.cell / "history/0002.json")
    said = call("run")
    assert f"damaged: {ARM}: history/0002.json is not what was written" in said.err
    assert "the next run of the sweep trains it again" in said.err
    said = call("run")
    assert f"damaged: {ARM}: history/0002.json is missing" in said.err
    assert FROM_THE_START in said.err
    assert_as_if_nothing_had_been(call, home.root, done)


def test_a_damaged_plan_is_said_and_written_anew(harmed: Callable[[Path], Harmed], call: Call, done: Path) -> None:
    home = harmed(done)
    flip(home.root / "sweeps/small/plan.json")
    said = call("compare")
    assert said.code == 2
    assert "the plan of small is damaged; seedwise run small writes it anew" in said.err
    assert "damaged: the plan of small is not what was written (kept as " in said.err
    assert "; the next run of small writes it anew" in said.err
    said = call("run")
    assert "damaged: the plan of small is not what was written" in said.err
    assert "; it has been written anew" in said.err
    assert_as_if_nothing_had_been(call, home.root, done)


def test_a_damaged_note_of_what_was_planned_is_said(
    harmed: Callable[[Path], Harmed], call: Call, done: Path
) -> None:
    home = harmed(done)
    flip(home.root / "sweeps/small/planned.json")
    said = call("run")
    assert "damaged: sweeps/small/planned.json is not what was written (kept as " in said.err
    assert "; verdicts no longer take it into account" in said.err
    assert_as_if_nothing_had_been(call, home.root, done)


@pytest.mark.parametrize("record", ["record/home-id.json", "sweeps/small/record/000001.json"])
def test_damage_that_costs_nothing_is_said_to_cost_nothing(
    record: str, harmed: Callable[[Path], Harmed], call: Call, done: Path
) -> None:
    home = harmed(done)
    note_damage(LocalStore(home.root), record, b"half of i")
    said = call("compare")
    assert f"damaged: {record} is not what was written (kept as " in said.err
    assert said.err.endswith("; nothing is lost by it\n")
    assert call("compare").err == ""


def test_an_emptied_cell_is_said_and_trained_again_while_the_others_stand(
    harmed: Callable[[Path], Harmed], call: Call, done: Path
) -> None:
    home = harmed(done)
    shutil.rmtree(home.cell)
    home.cell.mkdir()
    said = call("run")
    assert said.err == (
        f"damaged: {ARM}: settings.json is missing, and with it all of the cell; {FROM_THE_START}\n"
    )
    assert "1 before, 1 in" in said.out
    assert_as_if_nothing_had_been(call, home.root, done)


def test_locks_that_a_dead_process_has_left_hold_nobody_up(
    harmed: Callable[[Path], Harmed], call: Call, begun: Path, done: Path
) -> None:
    home = harmed(begun)
    dead = Holder.this_process(time.time()).model_copy(update={"pid": 2**22 + 1, "host": socket.gethostname()})
    (home.cell / "lease" / "000007.json").write_bytes(seal(dead.model_dump()))
    for lock in ("mlflow.lock", "sweeps/small/record.lock"):
        (home.root / lock).touch()
    started = time.monotonic()
    said = call("run")
    assert (said.code, said.err) == (0, "")
    assert time.monotonic() - started < 50, "it waited for the lease to expire"
    assert_as_if_nothing_had_been(call, home.root, done)


def test_what_kills_leave_is_tidied_away_by_the_next_run(
    harmed: Callable[[Path], Harmed], call: Call, begun: Path, done: Path
) -> None:
    home = harmed(done)
    (checkpoint, _) = Harmed(begun).records("checkpoint/*")
    (home.cell / "checkpoint").mkdir(exist_ok=True)
    shutil.copy(checkpoint, home.cell / "checkpoint")
    old, new = home.cell / "files/.aside-0123", home.cell / "history/.aside-4567"
    for aside in (old, new):
        aside.write_bytes(b"half of i")
    os.utime(old, (time.time() - 7200,) * 2)
    assert call("run").err == ""
    assert not old.exists()
    assert new.exists(), "somebody may be writing it"
    assert list((home.cell / "checkpoint").glob("*")) == []
    assert_as_if_nothing_had_been(call, home.root, done)


# Several at once, of the tiny quickstart.


@pytest.mark.timeout(900)
def test_a_sweep_with_several_damaged_cells_is_whole_after_one_command(
    tmp_path: Path, here: Any, undisturbed_home: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(undisturbed_home, home, ignore=shutil.ignore_patterns("mlflow.*", "artifacts"))
    one, two, three, four = sorted((home / "cells").iterdir())
    cells = ResultTable.open("quickstart", home).frame.set_index("key")
    arm, seed = cells.loc[four.name, ["arm", "seed"]]
    flip(next(four.glob("files/weights-*")))
    asked = here("predict", "quickstart", "A dull film.", "--arm", arm, "--seed", str(seed), home=home, code=2)
    assert f"damaged: {arm}, seed {seed}: files/weights-" in asked.stderr
    flip(one / "result.json")
    next(two.glob("files/test-*")).unlink()
    shutil.rmtree(three)
    said = here(*TINY_QUICKSTART, home=home)
    assert "Traceback" not in said.stdout + said.stderr + asked.stderr
    assert said.stderr.count("damaged: ") == said.stderr.count(FROM_THE_START) == 3, said.stderr
    assert "4 of 4 cells finished (0 before, 4 in" in said.stdout
    assert_same_bits(ResultTable.open("quickstart", home), ResultTable.open("quickstart", undisturbed_home))
    assert_recorded_once(home, "quickstart", epochs=2)
