"""Cells of several sweeps as one table, where they may be compared: same data, same split, same deciding metric."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestrator.compare.assemble import changed_since_first_run
from orchestrator.compare.joined_arms import JoinedArm, NotComparableError, joined_arms
from orchestrator.results import ResultTable
from orchestrator.store.notes import Notes
from orchestrator.store.seen_cells import SeenCells
from orchestrator.store.trained_arms import data_of, trained_arms


def merged(tables: Sequence[ResultTable]) -> ResultTable:
    """All arms of all sweeps of one home, named with their sweep; the first sweep's baseline stays the baseline.

    Arms of several sweeps that are one arm stand once, with all of their cells. A margin that some of the sweeps
    declare, and none declares otherwise, is the whole's. Raises NotComparableError.
    """
    _check_decisions(tables)
    _check_data(tables)
    arms = joined_arms(tables)
    first = tables[0]
    margin, said_of_margin = _margin(tables)
    changes = [f"{table.name}: {said}" for table in tables for said in changed_since_first_run(table)]
    begun = SeenCells(first.cells.store).begun
    there = trained_arms(first.cells, begun, {data_of(arm) for t in tables for arm in t.settings.values()})
    baseline = next(a for a in arms for m in a.members if (m.sweep, m.arm["name"]) == (first.name, first.baseline))
    plan = {
        **first.plan,
        "sweep": " and ".join(table.name for table in tables),
        "arms": [{**arm.members[0].arm, "name": arm.name} for arm in arms],
        "cells": [{**cell, "arm": arm.name} for arm in arms for cell in arm.cells],
        "baseline": baseline.name,
        "decide": {**first.plan["decide"], "margin": margin},
        "merged": {table.name: _seeds(table, arms) for table in tables},
        "arms_there": len(there),
        "left_out": tuple(_left_out(arms, there, first.notes)),
        "notes": [*said_of_margin, *changes],
    }
    return ResultTable(plan, first.cells, first.notes)


def _seeds(table: ResultTable, arms: Sequence[JoinedArm]) -> tuple[int, ...]:
    """Its own, with those that its arms have from other sweeps."""
    own = [arm for arm in arms if arm.whole is None and any(member.sweep == table.name for member in arm.members)]
    return tuple(sorted({*table.plan["seeds"], *(seed for arm in own for seed in arm.seeds)}))


def _left_out(
    arms: Sequence[JoinedArm], there: Mapping[str, Mapping[str, int]], notes: Notes
) -> Iterator[Mapping[str, int]]:
    """The runs of arms that other sweeps of the home have runs of, too: which of them are compared may have been
    chosen by what they had shown. A sweep compared alone is what was planned."""
    for arm in arms:
        keys, (setting, *_) = {cell["key"] for cell in arm.cells}, (member.setting for member in arm.members)
        runs = {} if setting is None else there.get(setting, {})
        if notes.are_chosen(keys, runs):
            yield runs


def _margin(tables: Sequence[ResultTable]) -> tuple[float | None, list[str]]:
    """The one that the sweeps declare which declare any; and what is to be said of it."""
    by_sweep = {table.name: table.plan["decide"].get("margin") for table in tables}
    declared = {name: margin for name, margin in by_sweep.items() if margin is not None}
    if len(set(declared.values())) > 1:
        said = " and ".join(f"{margin:g} ({name})" for name, margin in declared.items())
        return None, [
            f"The sweeps declare different margins, {said}: none is used, and so nothing can be EQUIVALENT here; "
            "give their sweep files one margin."
        ]
    margin = next(iter(declared.values()), None)
    without = [name for name in by_sweep if name not in declared]
    if margin is None or not without:
        return margin, []
    return margin, [
        f"The margin of {margin:g} is that of {' and '.join(declared)}; of {' and '.join(without)} there is none."
    ]


def _check_decisions(tables: Sequence[ResultTable]) -> None:
    by = {table.name: f"{table.plan['decide']['metric']} ({table.plan['decide']['direction']})" for table in tables}
    if len(by) < len(tables):
        raise NotComparableError("a sweep is compared with itself; name each sweep once")
    if len(set(by.values())) > 1:
        said = ", ".join(f"{name} by {metric}" for name, metric in by.items())
        raise NotComparableError(f"the sweeps decide by different metrics: {said}; compare them one by one")


def _check_data(tables: Sequence[ResultTable]) -> None:
    found: dict[str, tuple[str, str, Any]] = {}
    for table in tables:
        for arm, settings in table.settings.items():
            found[f"{table.name}: {arm}"] = (table.name, settings["data"]["fingerprint"], settings["split"])
    (name, (_, fingerprint, split)), *others = found.items() or [("", ("", "", None))]
    for other, (_, its_fingerprint, its_split) in others:
        what = "data" if its_fingerprint != fingerprint else "split" if its_split != split else ""
        if what:
            raise NotComparableError(
                f"{name} and {other} do not share their {what}, so that a difference between them may be one "
                f"between {'data' if what == 'data' else 'splits'}; compare each sweep by itself"
            )
