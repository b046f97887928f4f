"""Sweeps in a store: which cells a name stands for, and from which file it came.

sweeps/<name>/plan.json      the newest plan: arms, cells by key, baseline, deciding metric
              sweep.yaml     the file as it was read
              planned.json   seeds, pairs, metric and margin, as they were before any run could be seen
              looks/0001.json   of which runs and to which question a verdict was shown
              choices/0001.json   what a plan left out of the runs that had results when it was made
              last_word.json    what the last run said, if it left nothing to be done
              drivers/       which drivers are at work on it
              record/        the lease of whoever writes its runs
"""

import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.store.base import DamagedError, Store, seal, unseal
from orchestrator.store.damage import DAMAGED, note_damage, read_sound
from orchestrator.store.noted_choices import NotedChoice, choice_note, noted_choice
from orchestrator.store.noted_looks import NotedLook, look_note, noted_look
from orchestrator.store.noted_plans import NotedPlan, noted_plan, plan_note
from orchestrator.store.numbered import NAME, append, by_number
from orchestrator.store.side_by_side import of_each

LOOK = re.compile(rf"sweeps/[^/]+/looks/{NAME.pattern}")


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

    def note_plan(self, name: str, plan: NotedPlan) -> None:
        """Note what is planned. To be called while nothing of the plan's runs can be seen."""
        self.store.replace(f"sweeps/{name}/planned.json", seal(plan_note(plan)))

    def planned(self, name: str) -> NotedPlan | None:
        """What was noted last; None if nothing was, or the note was damaged and has been set aside."""
        note = read_sound(self.store, f"sweeps/{name}/planned.json")
        return None if note is None else noted_plan(note)

    def has_lost_notes(self, name: str) -> bool:
        """Whether a note of what was planned, chosen or looked at was damaged: nobody knows what it said."""
        kept = f"{DAMAGED}/sweeps/{name}/"
        lost = (record.removeprefix(kept) for record in self.store.names(kept.rstrip("/")))
        return any(record.startswith(("planned.json", "choices/", "looks/")) for record in lost)

    def add_choice(self, name: str, choice: NotedChoice) -> None:
        """Note what a plan leaves out of what could be seen; the same again is no other choice."""
        if choice not in self.choices(name):
            append(self.store, f"sweeps/{name}/choices", seal(choice_note(choice)))

    def choices(self, name: str) -> tuple[NotedChoice, ...]:
        """Of all plans that the name has stood for, as far as the notes are sound."""
        records = by_number(self.store, f"sweeps/{name}/choices").values()
        notes = [read_sound(self.store, record) for record in records]
        return tuple(noted_choice(note) for note in notes if note is not None)

    def add_look(self, look: NotedLook) -> None:
        """Note that a verdict was shown; the same again is no other look."""
        folder = f"sweeps/{look.sweep}/looks"
        if look not in self._noted(by_number(self.store, folder).values()):
            append(self.store, folder, seal({**look_note(look), "at": time.time()}))

    def looks(self) -> tuple[NotedLook, ...]:
        """At all sweeps, in the order of showing, as far as the notes are sound."""
        return self._noted(record for record in self.store.names("sweeps") if LOOK.fullmatch(record))

    def _noted(self, records: Iterable[str]) -> tuple[NotedLook, ...]:
        """Each note says what it is of, and no other does: so all are read, side by side."""
        notes = of_each(self.store, records, lambda record: read_sound(self.store, record))
        found = [(note["at"], record, note) for record, note in notes.items() if note is not None]
        return tuple(
            noted_look(record.split("/")[1], note) for _, record, note in sorted(found, key=lambda one: one[:2])
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
