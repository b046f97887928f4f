"""Cells of several sweeps as one table, where they may be compared: same data, same split, same deciding metric."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.compare.asked import planned_by
from orchestrator.compare.assemble import changed_since_first_run
from orchestrator.results import ResultTable
from orchestrator.store.trained_arms import data_of, trained_arms
from trainables.errors import UserError


class NotComparableError(UserError):
    """The sweeps do not measure the same thing."""


def merged(tables: Sequence[ResultTable]) -> ResultTable:
    """All arms of all sweeps of one home, named with their sweep; the first sweep's baseline stays the baseline.

    Arms of several sweeps that share cells are one arm, and it stands once, with the cells of whichever has all. A
    margin that some of the sweeps declare, and none declares otherwise, is the whole's. Raises NotComparableError.
    """
    _check_decisions(tables)
    _check_data(tables)
    groups = _alike(tables)
    first = tables[0]
    margin, said_of_margin = _margin(tables)
    changes = [f"{table.name}: {said}" for table in tables for said in changed_since_first_run(table)]
    plan = {
        **first.plan,
        "sweep": " and ".join(table.name for table in tables),
        "arms": [{**group[0].arm, "name": group[0].name} for group in groups],
        "cells": [{**cell, "arm": group[0].name} for group in groups for cell in _all_cells(group)],
        "baseline": f"{first.name}: {first.baseline}",
        "decide": {**first.plan["decide"], "margin": margin},
        "merged": {
            t.name: (tuple(t.plan["seeds"]), t.plan["decide"]["margin"], t.planned or planned_by(t.plan))
            for t in tables
        },
        "arms_there": len(trained_arms(first.cells, {data_of(arm) for t in tables for arm in t.settings.values()})),
        "notes": [*said_of_margin, *changes],
    }
    choices = tuple(choice for table in tables for choice in table.choices)
    # What was planned is each sweep's own, and stands in the plan.
    lost = any(table.has_lost_notes for table in tables)
    return ResultTable(plan, first.cells, looks=first.looks, choices=choices, has_lost_notes=lost)


@dataclass(frozen=True)
class _Arm:
    """Of one sweep, with its cells."""

    name: str
    """With its sweep's."""
    arm: dict[str, Any]
    cells: list[dict[str, Any]]

    @property
    def keys(self) -> set[str]:
        return {cell["key"] for cell in self.cells}


def _alike(tables: Sequence[ResultTable]) -> list[list[_Arm]]:
    """All arms; those that share cells in one group, in the place and under the name of the first."""
    groups: list[list[_Arm]] = []
    for table in tables:
        for arm in table.plan["arms"]:
            cells = [cell for cell in table.plan["cells"] if cell["arm"] == arm["name"]]
            own = _Arm(f"{table.name}: {arm['name']}", arm, cells)
            sharing = [group for group in groups if any(own.keys & other.keys for other in group)]
            if not sharing:
                groups.append([own])
                continue
            into, *others = sharing
            into += [member for group in others for member in group]
            into.append(own)
            groups = [group for group in groups if all(group is not other for other in others)]
    return groups


def _all_cells(group: list[_Arm]) -> list[dict[str, Any]]:
    """Of the one that has those of all.

    Of arms that only overlap there is none: nobody planned their seeds together, and apart they would be one arm
    that is compared with itself, as if the runs that they share were others.
    """
    most = max(group, key=lambda arm: len(arm.cells))
    for arm in group:
        if not arm.keys <= most.keys:
            own, others = ({cell["seed"] for cell in each.cells} for each in (arm, most))
            raise NotComparableError(
                f"{arm.name} and {most.name} are one arm, and each has seeds that the other has not "
                f"({_listed(own - others)}; {_listed(others - own)}); run one of the sweeps with all of them: "
                f"--set seeds=[{_listed(own | others)}]"
            )
    return most.cells


def _listed(seeds: set[int]) -> str:
    return ",".join(map(str, sorted(seeds)))


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
