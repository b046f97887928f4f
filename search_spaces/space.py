"""What varies: axes to arms, arms and seeds to cells.

In: the settings that all cells share, the axes (`vary`: dotted key → values), the seeds. Out: the cells in a set
order. Pure: knows nothing of files, of what has been trained, or of who trains.
"""

import copy
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from search_spaces.faults import Fault, FaultyError, Path, shown
from search_spaces.validate import validate
from trainables.config import CellConfig

ONLY_ARM = "base"
"""Name of the one arm of a sweep in which nothing varies but the seed."""

SHORT_FORMS = {"data": "source", "model": "name", "loss": "name"} | {
    f"split.{part}": "of" for part in ("train", "validation", "test")
}
"""Groups of settings that may be written as one word, and the setting that the word then is."""

Axes = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Arm:
    """One setting of everything that varies but the seed."""

    name: str
    """Says the settings: `loss=cross_entropy, model.width=64`."""
    settings: Mapping[str, Any] = field(hash=False)
    """Dotted key → value, as written."""


@dataclass(frozen=True)
class Cell:
    """One arm with one seed, `config.seed`: the unit of work."""

    arm: Arm
    config: CellConfig


def expand_arms(vary: Axes) -> tuple[Arm, ...]:
    """All combinations; the last axis changes fastest. Without axes there is one arm, `ONLY_ARM`."""
    if not vary:
        return (Arm(ONLY_ARM, {}),)
    combinations = (dict(zip(vary, values, strict=True)) for values in itertools.product(*vary.values()))
    return tuple(Arm(arm_name(settings), settings) for settings in combinations)


def expand_cells(shared: Mapping[str, Any], vary: Axes, seeds: Sequence[int]) -> tuple[Cell, ...]:
    """Every arm with every seed: all arms of the first seed, then all of the second, and so on.

    So a sweep that is interrupted has its arms in balance. `shared` is nested as a sweep file is, without a seed
    and with its defaults spelt out; a key of `vary` replaces what it says. Raises `FaultyError`, with paths under
    `vary` for what varies, where an axis is empty, a key is no setting, a value is not allowed, or two arms come to
    the same settings.
    """
    faults = [fault for key, values in vary.items() for fault in _axis_faults(key, values)]
    if faults:
        raise FaultyError(faults)
    arms = expand_arms(vary)
    configs: list[CellConfig] = []
    for arm in arms:
        try:
            configs.append(_config(shared, arm, seeds[0]))
        except FaultyError as error:
            faults += [_in_vary(fault, arm, vary) for fault in error.faults]
    said_once: dict[str, Fault] = {}  # an axis that is wrong by itself is wrong in every arm
    for fault in faults or _same_settings(arms, configs, vary):
        said_once.setdefault(fault.text, fault)
    if said_once:
        raise FaultyError(said_once.values())
    return tuple(
        Cell(arm, config.model_copy(update={"seed": seed}))
        for seed in seeds
        for arm, config in zip(arms, configs, strict=True)
    )


def arm_name(settings: Mapping[str, Any]) -> str:
    """`loss=focal(gamma=2), model.width=64`. Different settings never read the same."""
    return ", ".join(f"{key}={value_name(value)}" for key, value in settings.items())


def arms_called(name: str, arms: Sequence[str]) -> list[str]:
    """The arms that have this name; where none has, those whose names say the same with numbers and spaces written
    in another way: `training.learning_rate=7e-4` is `training.learning_rate=0.0007`."""
    return [arm for arm in arms if arm == name] or [arm for arm in arms if _plain(arm) == _plain(name)]


def _plain(name: str) -> str:
    """With each number in one way of writing it, and without spaces around commas and equals signs."""
    numbers = r"(?<![\w.+-])[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])"
    said = re.sub(numbers, lambda number: str(Decimal(number[0]).normalize()), name)
    return re.sub(r"\s*([,=])\s*", r"\1", said.strip())


def value_name(value: Any) -> str:
    """A value in an arm's name: a group by its own name, its settings in brackets; text bare where it is plain."""
    match value:
        case dict():
            own = next((key for key in ("source", "name", "of") if isinstance(value.get(key), str)), None)
            inner = ", ".join(f"{k}={value_name(v)}" for k, v in value.items() if k != own)
            said = "" if own is None else value_name(value[own])
            return f"{said}({inner})" if inner or own is None else said
        case list() | tuple():
            return f"[{', '.join(map(value_name, value))}]"
        case str() if re.fullmatch(r"[A-Za-z_][\w./:@-]*", value) and value not in ("null", "true", "false"):
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


def with_setting(tree: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """A copy of a nested mapping in which the dotted key has the value; groups in short form are opened.

    Raises `FaultyError` where a part of the key is a plain value, which has no settings beneath it.
    """
    changed = copy.deepcopy(dict(tree))
    node = changed
    *groups, last = key.split(".")
    for depth, group in enumerate(groups, start=1):
        above = ".".join(groups[:depth])
        inner = node.get(group)
        if inner is None:
            inner = {}
        elif isinstance(inner, str) and above in SHORT_FORMS:
            inner = {SHORT_FORMS[above]: inner}
        elif not isinstance(inner, dict):
            path = tuple(key.split("."))
            raise FaultyError([Fault(path, f"{key}: {above} is {shown(inner)}, which has no settings beneath it")])
        node[group] = inner
        node = inner
    node[last] = copy.deepcopy(value)
    return changed


def _config(shared: Mapping[str, Any], arm: Arm, seed: int) -> CellConfig:
    tree: dict[str, Any] = dict(shared)
    for key in sorted(arm.settings, key=lambda key: key.count(".")):  # a group before what lies in it
        tree = with_setting(tree, key, arm.settings[key])
    return validate(CellConfig, {**tree, "seed": seed}, "a cell")


def _axis_faults(key: str, values: Sequence[Any]) -> list[Fault]:
    path: Path = ("vary", key)
    group, _, setting = key.rpartition(".")
    if key == "seed":
        return [Fault(path, "vary: seed cannot be varied; seeds says how many there are of each arm")]
    if setting and SHORT_FORMS.get(group) == setting and group in ("data", "model", "loss"):
        return [Fault(path, f"vary: {key} cannot be varied by itself; vary {group}: [ … ]")]
    if not all(key.split(".")):
        return [Fault(path, f"vary: {key!r} is not a dotted key such as training.epochs")]
    if len(values) == 0:
        return [Fault(path, f"vary: {key} has no values; give at least one, or leave it out")]
    return []


def _in_vary(fault: Fault, arm: Arm, vary: Axes) -> Fault:
    """The same fault, at the varied value that brought it about; as it was where no varied value did."""
    for key in sorted(arm.settings, key=lambda key: -key.count(".")):
        parts = tuple(key.split("."))
        common = min(len(parts), len(fault.path))
        if parts[:common] == fault.path[:common]:
            number = next(i for i, value in enumerate(vary[key]) if value is arm.settings[key])
            return Fault(("vary", key, number), fault.text)
    return fault


def _same_settings(arms: Sequence[Arm], configs: Sequence[CellConfig], vary: Axes) -> list[Fault]:
    """One fault for each varied value that only repeats another."""
    numbers = list(itertools.product(*(range(len(values)) for values in vary.values())))
    faults: dict[Path, Fault] = {}
    first: dict[str, int] = {}
    for later, config in enumerate(configs):
        earlier = first.setdefault(config.model_dump_json(), later)
        if earlier == later:
            continue
        axis, number = next(
            (key, numbers[later][place])
            for place, key in enumerate(vary)
            if numbers[earlier][place] != numbers[later][place]
        )
        names = sorted({arms[earlier].name, arms[later].name})
        said = f"the arms {' and '.join(names)} are" if len(names) == 2 else f"the arm {names[0]} is there twice,"
        said += " the same settings" if len(names) == 2 else " with the same settings"
        path: Path = ("vary", axis, number)
        faults.setdefault(path, Fault(path, f"vary: {said}; remove one"))
    return list(faults.values())
