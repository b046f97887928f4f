"""The arms of several sweeps, each once: those that share cells, or are one setting, are one arm.

Arms of one setting whose seeds are others are joined if in the end all arms have the same seeds. Then the question
is that of a sweep with all of these seeds, and is answered in pairs. Else the arms stay apart, for the seeds that
only some of them have would cost the pairs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.results import ResultTable
from orchestrator.store.trained_arms import arm_of
from trainables.errors import UserError


class NotComparableError(UserError):
    """The sweeps do not measure the same thing."""


@dataclass(frozen=True)
class SweepArm:
    """Of one sweep, with its cells."""

    sweep: str
    arm: dict[str, Any]
    cells: list[dict[str, Any]]
    setting: str | None
    """What it is known by; None where none of its cells has begun."""

    @property
    def name(self) -> str:
        """With its sweep's."""
        return f"{self.sweep}: {self.arm['name']}"

    @property
    def keys(self) -> set[str]:
        return {cell["key"] for cell in self.cells}

    def shares_cells(self, other: "SweepArm") -> bool:
        return bool(self.keys & other.keys)

    def is_same(self, other: "SweepArm") -> bool:
        """By its cells, or by its setting in another sweep."""
        alike = self.setting is not None and self.setting == other.setting and self.sweep != other.sweep
        return alike or self.shares_cells(other)


@dataclass(frozen=True)
class JoinedArm:
    """One of one sweep, or several that are one."""

    members: tuple[SweepArm, ...]

    @property
    def cells(self) -> list[dict[str, Any]]:
        """All that there are, by seed."""
        by_key = {cell["key"]: cell for member in self.members for cell in member.cells}
        return sorted(by_key.values(), key=lambda cell: int(cell["seed"]))

    @property
    def seeds(self) -> list[int]:
        return [cell["seed"] for cell in self.cells]

    @property
    def whole(self) -> SweepArm | None:
        """The member that has all cells, if any has."""
        most = max(self.members, key=lambda member: len(member.cells))
        return most if len(most.keys) == len(self.cells) else None

    @property
    def name(self) -> str:
        """Of the first member; with the names of all sweeps that it takes to have its cells."""
        if self.whole is not None:
            return self.members[0].name
        sweeps = " and ".join(dict.fromkeys(member.sweep for member in self.members))
        return f"{sweeps}: {self.members[0].arm['name']}"


def joined_arms(tables: Sequence[ResultTable]) -> list[JoinedArm]:
    """In the order of the sweeps. Raises NotComparableError."""
    arms = [_of(table, arm) for table in tables for arm in table.plan["arms"]]
    joined = _grouped(arms, SweepArm.is_same)
    if len({tuple(arm.seeds) for arm in joined}) == 1 and all(
        len(set(arm.seeds)) == len(arm.seeds) for arm in joined
    ):
        return joined
    apart = _grouped(arms, SweepArm.shares_cells)
    for arm in apart:
        _check_whole(arm)
    return apart


def _of(table: ResultTable, arm: dict[str, Any]) -> SweepArm:
    cells = [cell for cell in table.plan["cells"] if cell["arm"] == arm["name"]]
    settings = table.settings.get(arm["name"])
    return SweepArm(table.name, arm, cells, None if settings is None else arm_of(settings))


def _grouped(arms: Sequence[SweepArm], are_one: Callable[[SweepArm, SweepArm], bool]) -> list[JoinedArm]:
    """Each in the place of its first member."""
    groups: list[list[SweepArm]] = []
    for own in arms:
        same = [group for group in groups if any(are_one(own, other) for other in group)]
        if not same:
            groups.append([own])
            continue
        into, *others = same
        into += [member for group in others for member in group]
        into.append(own)
        groups = [group for group in groups if all(group is not other for other in others)]
    return [JoinedArm(tuple(group)) for group in groups]


def _check_whole(joined: JoinedArm) -> None:
    """Arms that only overlap cannot stand apart: it would be one arm that is compared with itself, as if the runs
    that they share were others."""
    most = max(joined.members, key=lambda member: len(member.cells))
    for arm in joined.members:
        if not arm.keys <= most.keys:
            own, others = ({cell["seed"] for cell in each.cells} for each in (arm, most))
            raise NotComparableError(
                f"{arm.name} and {most.name} are one arm, and each has seeds that the other has not "
                f"({_listed(own - others)}; {_listed(others - own)}); run one of the sweeps with all of them: "
                f"--set seeds=[{_listed(own | others)}]"
            )


def _listed(seeds: set[int]) -> str:
    return ",".join(map(str, sorted(seeds)))
