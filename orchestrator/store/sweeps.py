"""Sweeps in a store: which cells a name stands for, and from which file it came.

sweeps/<name>/plan.json      the newest plan: arms, cells by key, baseline, deciding metric
              sweep.yaml     the file as it was read
              planned/0001.json   what its cells are to answer, and what could be seen of them when it was planned
              looks/0001.json   of which runs and to which question a verdict was shown
              last_word.json    what the last run said, if it left nothing to be done
              drivers/       which drivers are at work on it
              record/        the lease of whoever writes its runs
"""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from orchestrator.store.base import DamagedError, Store, seal, unseal
from orchestrator.store.damage import DAMAGED, note_damage, read_sound
from orchestrator.store.noted_looks import NotedLook, look_note, noted_look
from orchestrator.store.noted_plans import NotedPlan, noted_plan, plan_note
from orchestrator.store.notes import Notes
from orchestrator.store.numbered import NAME, append, by_number
from orchestrator.store.question import Runs
from orchestrator.store.side_by_side import of_each

NOTE = re.compile(rf"sweeps/([^/]+)/(planned|looks)/{NAME.pattern}")


class SweepPaths:
    """The one place that knows the names of a sweep's records."""

    def __init__(self, sweep: str):
        self.folder = f"sweeps/{sweep}"
        self.plan = f"{self.folder}/plan.json"
        self.source = f"{self.folder}/sweep.yaml"
        self.drivers = f"{self.folder}/drivers"
        self.record = f"{self.folder}/record"


def class_names(plan: Mapping[str, Any], arm: str) -> list[str]:
    """An arm's, in the order of its model's outputs."""
    (names,) = (each["class_names"] for each in plan["arms"] if each["name"] == arm)
    return list(names)


def _at_this_time(note: Mapping[str, Any]) -> bytes:
    return seal({**note, "at": time.time()})


class SweepStore:
    """Reads and writes plans by sweep name."""

    def __init__(self, store: Store):
        self.store = store

    def save(self, name: str, plan: dict[str, Any], source_text: str) -> None:
        """Make this the plan that the name stands for."""
        self.store.replace(SweepPaths(name).source, source_text.encode())
        self.store.replace(SweepPaths(name).plan, seal(plan))

    def plan(self, name: str) -> dict[str, Any] | None:
        """The newest plan; None for a name that has never been run, or whose record is damaged.

        A damaged one stays, so that the name is still known, until the sweep is run again.
        """
        record = SweepPaths(name).plan
        data = self.store.read(record)
        try:
            content: dict[str, Any] | None = None if data is None else unseal(data, record)
        except DamagedError:
            note_damage(self.store, record, data)
            return None
        return content

    def note_plan(self, plan: NotedPlan) -> None:
        """Note what is planned, before any of its cells is trained by it."""
        append(self.store, f"sweeps/{plan.sweep}/planned", _at_this_time(plan_note(plan)))

    def add_look(self, look: NotedLook) -> None:
        """Note that a verdict was shown; the same again is no other look."""
        folder = f"sweeps/{look.sweep}/looks"
        if look not in self._noted(by_number(self.store, folder).values()).looks:
            append(self.store, folder, _at_this_time(look_note(look)))

    def notes(self) -> Notes:
        """Of all sweeps, as far as they are sound, and of which cells one was not."""
        notes = self._noted(record for record in self.store.names("sweeps") if NOTE.fullmatch(record))
        lost = (NOTE.match(record.removeprefix(f"{DAMAGED}/")) for record in self.store.names(f"{DAMAGED}/sweeps"))
        return replace(notes, lost=tuple(self._cells_of(name, notes) for name in sorted({m[1] for m in lost if m})))

    def _cells_of(self, name: str, notes: Notes) -> Runs | None:
        """All that a sweep is known to have had; None where that is not known, for its plan is lost, too."""
        plan = self.plan(name)
        if plan is None:
            return None
        noted = [plan.cells for plan in notes.plans if plan.sweep == name]
        looked_at = [look.question.cells for look in notes.looks if look.sweep == name]
        return frozenset(cell["key"] for cell in plan["cells"]).union(*noted, *looked_at)

    def _noted(self, records: Iterable[str]) -> Notes:
        """Each note says what it is of, and no other does: so all are read, side by side."""
        notes = of_each(self.store, records, lambda record: read_sound(self.store, record))
        found = sorted((note["at"], record) for record, note in notes.items() if note is not None)
        in_order = [(record.split("/"), notes[record]) for _, record in found]
        return Notes(
            tuple(noted_plan(name, note) for (_, name, kind, _), note in in_order if kind == "planned"),
            tuple(noted_look(name, note) for (_, name, kind, _), note in in_order if kind == "looks"),
        )

    def keep_last_word(self, name: str, word: dict[str, Any]) -> None:
        """Keep what a run said that left nothing to be done."""
        self.store.replace(f"sweeps/{name}/last_word.json", seal(word))

    def last_word(self, name: str) -> dict[str, Any] | None:
        """What was kept; None if there is nothing. Whatever is wrong with it, a run finds out the same anew."""
        record = f"sweeps/{name}/last_word.json"
        data = self.store.read(record)
        try:
            content: dict[str, Any] | None = None if data is None else unseal(data, record)
        except DamagedError:
            return None
        return content

    def drop_last_word(self, name: str) -> None:
        """Before anything is changed that it rests on."""
        self.store.delete(f"sweeps/{name}/last_word.json")

    def names(self) -> list[str]:
        """All sweeps that have been run."""
        found = [name.split("/") for name in self.store.names("sweeps")]
        return sorted(parts[1] for parts in found if parts[2:] == ["plan.json"])
