"""Which arm of a sweep's earlier plan each arm of its new one was, and what differs between the two.

In: settings as they are stored with cells (`key_material`), by arm. Out: an `ArmPair` for each arm that both plans
have, by whatever name. Pure.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from search_spaces.space import value_name
from trainables.config import CellConfig
from trainables.settings import Settings, neutral_values

Stored = Mapping[str, Any]
ABSENT = object()
"""Stands for a setting that one of the two has not: it is neutral, or no setting in that version."""


@dataclass(frozen=True)
class SettingChange:
    """A setting that has another value now; both as an arm's name would say them."""

    key: str
    """Dotted. Of a group that is of another kind now (another model, another loss), the group's."""
    was: str
    now: str


@dataclass(frozen=True)
class ArmPair:
    """An arm by its two names, and what has changed of it."""

    was: str
    now: str
    changes: tuple[SettingChange, ...]


@dataclass(frozen=True)
class PlannedArm:
    """An arm of the new plan."""

    config: CellConfig
    stored: Stored
    """Its settings as they would be stored."""


def pair_arms(
    before: Mapping[str, Stored], now: Mapping[str, PlannedArm], axes: Collection[str]
) -> tuple[ArmPair, ...]:
    """Arms of equal settings first, then of the same name, then those that differ least; in the new plan's order.

    `axes`: the keys that both plans vary. Arms that differ in one of them are two arms, however near they are.
    """
    ranks: dict[tuple[str, str], tuple[int, int]] = {}
    changes: dict[tuple[str, str], tuple[SettingChange, ...]] = {}
    for new, arm in now.items():
        for old, stored in before.items():
            differing = list(_differing(stored, arm.stored))
            if not differing:
                ranks[old, new] = (0, 0)
            elif old == new:
                ranks[old, new] = (1, 0)
            elif not any(_overlap(key, axis) for key, _, _ in differing for axis in axes):
                ranks[old, new] = (2, len(differing))
            changes[old, new] = tuple(
                SettingChange(key, _said(key, was, arm.config), _said(key, is_now, arm.config))
                for key, was, is_now in differing
            )
    pairs: dict[str, ArmPair] = {}
    for old, new in sorted(ranks, key=lambda pair: ranks[pair]):
        if new not in pairs and old not in {pair.was for pair in pairs.values()}:
            pairs[new] = ArmPair(old, new, changes[old, new])
    return tuple(pairs[name] for name in now if name in pairs)


def _differing(was: Stored, now: Stored, above: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Dotted keys with both values, but for the seed: all arms have all seeds."""
    for name in dict.fromkeys([*now, *was]):
        key, old, new = f"{above}{name}", was.get(name, ABSENT), now.get(name, ABSENT)
        if old == new or key == "seed":
            continue
        if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
            yield key, old, new
        elif old.get("name") != new.get("name"):
            yield key, old.get("name"), new.get("name")
        else:
            yield from _differing(old, new, f"{key}.")


def _overlap(key: str, axis: str) -> bool:
    return key == axis or key.startswith(f"{axis}.") or axis.startswith(f"{key}.")


def _said(key: str, value: Any, config: CellConfig) -> str:
    *groups, last = key.split(".")
    if value is ABSENT:
        group: Any = config
        for name in groups:
            group = getattr(group, name, None)
        value = neutral_values(type(group)).get(last, ABSENT) if isinstance(group, Settings) else ABSENT
    return "no setting" if value is ABSENT else value_name(value)
