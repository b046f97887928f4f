"""Homes of a small sweep in which records are damaged by hand, and what must come of it."""

import json
from collections.abc import Callable
from pathlib import Path

from cells import assert_same_bits
from ledger import note_nothing_lost
from recorded import assert_recorded_once
from said import Call, Said

from orchestrator.plan import prepare_sweep
from orchestrator.results import ResultTable
from orchestrator.run.cell_work import CellWork
from orchestrator.run.work_left import commit_plan, work_left
from orchestrator.store import CellStore, Home
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
FROM_THE_START = "it was trained again from the start and is finished"


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


def train(home: Home, sweep_file: Path, epochs_of: list[int]) -> None:
    """Plan, and of each cell train so many epochs; of three it finishes."""
    plan = prepare_sweep(load_sweep(sweep_file).spec, home.token_cache)
    commit_plan(home, plan, SWEEP, work_left(CellStore(home.store()), plan, False))
    for cell, epochs in zip(plan.cells, epochs_of, strict=True):
        work = CellWork(cell.key, cell.config, plan.corpora[cell.corpus], home.store(), device="cpu", threads=1)
        for _ in range(epochs):
            work.step()
        work.close()


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
