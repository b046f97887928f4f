"""The cells of a sweep as data frames: what `compare` and `report` read, and what a notebook opens.

    from orchestrator.results import ResultTable
    table = ResultTable.open("quickstart")
    table.frame.groupby("arm")["test_accuracy"].describe()

In: a sweep's stored plan and its cells' records. Out: pandas frames. Reads only; trains and records nothing.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from orchestrator.environment import moves
from orchestrator.store import CellStore, DamagedError, Home, SweepStore
from orchestrator.store.cells import of_newest_try
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes
from orchestrator.store.seen_cells import SeenCells
from orchestrator.unknown_sweep import unknown_sweep
from trainables.errors import UserError


@dataclass(frozen=True)
class ResultTable:
    """All planned cells of one sweep, whatever has become of them."""

    plan: dict[str, Any]
    cells: CellStore
    notes: Notes = field(default_factory=Notes)
    """What was planned and shown of these cells, and of others."""

    @classmethod
    def open(cls, sweep: str, home: Path | str | None = None, store: str | None = None) -> "ResultTable":
        """The sweep of that name in a home (default: SEEDWISE_HOME, else `mlruns`). Raises UnknownSweepError.

        `store`: the URL of its cells, which a home in which they were trained knows by itself.
        """
        return cls.of(Home.at(None if home is None else Path(home), store), sweep)

    @classmethod
    def of(cls, home: Home, sweep: str) -> "ResultTable":
        """The sweep of that name. Raises UnknownSweepError."""
        store = home.store()
        sweeps = SweepStore(store)
        plan = sweeps.plan(sweep)
        if plan is None:
            known = sweeps.names()
            if sweep in known:
                raise UserError(f"{store.url}: the plan of {sweep} is damaged; seedwise run {sweep} writes it anew")
            raise unknown_sweep(sweep, known, store.url)
        return cls(plan, CellStore(store), sweeps.notes())

    @property
    def name(self) -> str:
        name: str = self.plan["sweep"]
        return name

    @property
    def arms(self) -> list[str]:
        """Names, in the sweep file's order."""
        return [arm["name"] for arm in self.plan["arms"]]

    @property
    def baseline(self) -> str:
        name: str = self.plan["baseline"]
        return name

    @property
    def deciding_metric(self) -> str:
        name: str = self.plan["decide"]["metric"]
        return name

    @property
    def planned(self) -> NotedPlan | None:
        """The first of the plans that count for its cells; None where nothing is noted of them, or each of several
        sweeps has one."""
        return None if "merged" in self.plan else next(iter(self.notes.plans_of(self._keys)), None)

    @cached_property
    def tries(self) -> frozenset[tuple[str, int]]:
        """Of those of its cells that have been tried again, the try that they are at."""
        return SeenCells(self.cells.store).tries(self._keys)

    def at(self, keys: Collection[str], seeds: Collection[int]) -> "ResultTable":
        """Of these cells alone, as the sweep was when it had no more."""
        cells = [cell for cell in self.plan["cells"] if cell["key"] in keys]
        part = replace(self, plan={**self.plan, "cells": cells, "seeds": sorted(seeds)})
        frame = self.frame[self.frame["key"].isin(keys)].reset_index(drop=True)
        tries = frozenset(of for of in self.tries if of[0] in keys)
        vars(part).update(frame=frame, settings=self.settings, tries=tries)  # which are read already
        return part

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a cell: `arm`, the varied settings, `seed`, `status`, `key`, `epochs`, final and best metrics.

        `status` is `finished`, `diverged`, `failed` (its own code raised, last time), `begun` or `new`.
        """
        varied = {arm["name"]: arm["settings"] for arm in self.plan["arms"]}
        states = self.cells.of_each(self._keys, self._state)
        rows = []
        for cell in self.plan["cells"]:
            row = {"arm": cell["arm"], **_flat(varied[cell["arm"]]), "seed": cell["seed"], "key": cell["key"]}
            rows.append(row | states[cell["key"]])
        return pd.DataFrame(rows)

    @cached_property
    def environments(self) -> pd.DataFrame:
        """One row a finished cell and process that trained it: `arm`, `seed`, `device`, `threads`, `torch`."""
        rows = []
        for cell in self._finished.itertuples():
            for session in self._sessions[str(cell.key)]:
                ran_on = session["environment"]
                facts = {
                    "device": ran_on["device"],
                    "threads": ran_on["threads"],
                    "torch": ran_on["versions"]["torch"],
                }
                rows.append({"arm": cell.arm, "seed": cell.seed, **facts})
        return pd.DataFrame(rows, columns=["arm", "seed", "device", "threads", "torch"])

    @cached_property
    def sessions(self) -> pd.DataFrame:
        """One row for each time that a worker took up a finished cell: `arm`, `seed`, `epochs_done` before it, and
        `environment`, as it was noted.
        """
        rows = [
            {
                "arm": cell.arm,
                "seed": cell.seed,
                "epochs_done": session.get("epochs_done", 0),
                "environment": session["environment"],
            }
            for cell in self._finished.itertuples()
            for session in self._sessions[str(cell.key)]
        ]
        return pd.DataFrame(rows, columns=["arm", "seed", "epochs_done", "environment"])

    @cached_property
    def troubles(self) -> dict[tuple[str, int], str]:
        """Why a cell diverged or failed, in the words that were stored, by arm and seed."""
        ended = self.frame[self.frame["status"].isin(["diverged", "failed"])]
        said = self.cells.of_each([str(key) for key in ended["key"]], self._trouble)
        return {
            (str(arm), int(seed)): said[str(key)]
            for arm, seed, key in zip(ended["arm"], ended["seed"], ended["key"], strict=True)
        }

    @cached_property
    def moves(self) -> pd.DataFrame:
        """One row for each time that a finished cell went on in another environment: `arm`, `seed`, `reached`
        (`after epoch 2`, `in epoch 3`, `after the record of epoch 2`) and `changes`, e.g. `threads 1 → 2, torch
        2.12.0 → 2.13.0`.
        """
        rows = [
            {"arm": cell.arm, "seed": cell.seed, "reached": m.place, "changes": ", ".join(m.changes)}
            for cell in self._finished.itertuples()
            for m in moves(self._sessions[str(cell.key)])
        ]
        return pd.DataFrame(rows, columns=["arm", "seed", "reached", "changes"])

    @cached_property
    def histories(self) -> pd.DataFrame:
        """One row an epoch of a cell: `arm`, `seed`, `epoch`, metrics, `epoch_seconds`, `tokens_per_second`."""
        histories = self.cells.of_each(self._keys, self.cells.history)
        rows = []
        for cell in self.plan["cells"]:
            for record in histories[cell["key"]]:
                head = {"arm": cell["arm"], "seed": cell["seed"], "epoch": record.epoch}
                rows.append(head | record.metrics | record.timing)
        return pd.DataFrame(rows)

    @cached_property
    def settings(self) -> dict[str, dict[str, Any]]:
        """Every declared setting of each arm's first cell that has begun, by arm."""
        found: dict[str, dict[str, Any]] = {}
        for cell in self.plan["cells"]:
            if cell["arm"] not in found and (settings := self.cells.settings(cell["key"])) is not None:
                found[cell["arm"]] = settings
        return found

    def rows_trained_on(self, arm: str) -> int:
        """At least so many training rows, from the steps that an epoch took: short by less than a batch."""
        for cell in self.plan["cells"]:
            history = self.cells.history(cell["key"]) if cell["arm"] == arm else []
            if history:
                steps = history[-1].step // history[-1].epoch
                return (steps - 1) * int(self.settings[arm]["training"]["batch_size"]) + 1
        return 0

    def cell_predictions(self, part: str) -> Iterator[tuple[str, int, pd.DataFrame]]:
        """Arm, seed and predictions of each finished cell in turn: a few cells' are little, all may be much.

        A cell whose predictions are damaged is left out, and is no longer a finished one.
        """
        cells, at_once = self.plan["cells"], self.cells.store.at_once
        for first in range(0, len(cells), at_once):
            some = cells[first : first + at_once]
            predicted = self.cells.of_each([cell["key"] for cell in some], lambda key: self._predicted(key, part))
            for cell in some:
                if (frame := predicted[cell["key"]]) is not None:
                    yield cell["arm"], cell["seed"], frame

    def predictions(self, part: str = "test") -> pd.DataFrame:
        """One row an item of the part and cell: `arm`, `seed`, `row`, `label`, logits, log probabilities."""
        frames = []
        for arm, seed, frame in self.cell_predictions(part):
            frame.insert(0, "arm", arm)
            frame.insert(1, "seed", seed)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    @property
    def _keys(self) -> list[str]:
        return [cell["key"] for cell in self.plan["cells"]]

    @property
    def _finished(self) -> pd.DataFrame:
        return self.frame[self.frame["status"] == "finished"]

    @cached_property
    def _sessions(self) -> dict[str, list[dict[str, Any]]]:
        """Of the finished cells, by key; without those of tries that were given up."""
        keys = [str(key) for key in self._finished["key"]]
        return self.cells.of_each(keys, lambda key: of_newest_try(self.cells.sessions(key)))

    def _predicted(self, key: str, part: str) -> pd.DataFrame | None:
        stored = self.cells.result(key)
        if stored is None or part not in stored.files:
            return None
        try:
            return self.cells.predictions(key, part)
        except DamagedError:
            self.__dict__.pop("frame", None)  # which is then made again
            return None

    def _trouble(self, key: str) -> str:
        stored = self.cells.result(key)
        if stored is not None:
            return stored.result.divergence or ""
        failures = self.cells.failures(key)
        return str(failures[-1]["error"]) if failures else ""

    def _state(self, key: str) -> dict[str, Any]:
        stored = self.cells.result(key)
        if stored is not None:
            result = stored.result
            return {"status": result.status, "epochs": result.epochs, **result.final, **result.best}
        epochs = self.cells.epochs_stored(key)
        sessions, failures = self.cells.sessions(key), self.cells.failures(key)
        # A cell that has been taken up again since its failure is under way once more.
        failed = failures and (not sessions or failures[-1]["at"] >= sessions[-1]["at"])
        return {"status": "failed" if failed else "begun" if epochs or sessions else "new", "epochs": epochs}


def _flat(settings: dict[str, Any]) -> dict[str, Any]:
    """Varied settings as columns; a group by its name where it has one."""
    return {
        key: value.get("name", str(value)) if isinstance(value, dict) else value for key, value in settings.items()
    }
