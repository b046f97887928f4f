"""What the command line changes in a sweep file: `--set`, `--seeds`, `--smoke`.

In: the values of a sweep file, and the options. Out: the values as changed, which are then checked like the file's
own; and for each changed path the option that did it, so that an error can name it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from orchestrator.sweep_yaml import read_yaml
from search_spaces.faults import FaultyError, Path
from search_spaces.space import with_setting
from trainables.errors import SettingsError

SMOKE_ROWS, SMOKE_EPOCHS, SMOKE_SEEDS = 200, 1, 2
"""What `--smoke` leaves of a sweep: rows of each part, epochs, seeds. Where rows or epochs vary, the least of them
becomes that many and each larger one a row or an epoch more, for two arms must not become one."""


@dataclass(frozen=True)
class Overridden:
    """A sweep file's values after some options."""

    values: Mapping[str, Any]
    options: tuple[str, ...] = ()
    """As on the command line: `--set training.epochs=3`."""
    by_path: Mapping[Path, str] = field(default_factory=dict)
    """Changed path → the option that changed it."""

    def set(self, assignment: str) -> Self:
        """After `--set key=value`, the value in YAML. Raises `SettingsError` if it says or would do nothing."""
        option = f"--set {assignment}"
        key, equals, text = assignment.partition("=")
        if not equals or not key.strip():
            raise SettingsError(f"{option}: write key=value, e.g. --set training.epochs=3")
        if not text.strip():
            raise SettingsError(f"{option}: no value follows the =; write one, or null for none")
        try:
            value = read_yaml(text, option).value
        except SettingsError as error:
            raise SettingsError(str(error).replace(f"{option}:1:", f"{option}:", 1)) from error
        return self._with(key.strip(), value, option)

    def with_seeds(self, seeds: int) -> Self:
        """After `--seeds n`."""
        return self._with("seeds", seeds, f"--seeds {seeds}")

    def smoke(self) -> Self:
        """After `--smoke`: small enough to see within a minute whether the sweep works at all."""
        changed = self._limited("split.limit_rows", SMOKE_ROWS)._limited("training.epochs", SMOKE_EPOCHS)
        values = dict(changed.values)
        match values.get("seeds"):
            case list() as seeds:
                values["seeds"] = seeds[:SMOKE_SEEDS]
            case int() as seeds if not isinstance(seeds, bool):
                values["seeds"] = min(seeds, SMOKE_SEEDS)
        if isinstance(values.get("name"), str):
            values["name"] += "-smoke"
        return type(self)(values, (*self.options, "--smoke"), changed.by_path)

    def _with(self, key: str, value: Any, option: str) -> Self:
        path = _path_of(key)
        if path[0] == "vary":
            vary = self.values.get("vary") or {}
            values = {**self.values, "vary": value if len(path) == 1 else {**vary, path[1]: value}}
        else:
            self._refuse_if_varied(key, option)
            try:
                values = with_setting(self.values, key, value)
            except FaultyError as error:
                raise SettingsError(f"{option}: {error}") from error
        return type(self)(values, (*self.options, option), {**self.by_path, path: option})

    def _refuse_if_varied(self, key: str, option: str) -> None:
        """A value that every arm replaces would be ignored without a word."""
        for varied in self._varied():
            if key == varied or key.startswith(f"{varied}."):
                raise SettingsError(
                    f"{option}: this sweep varies {varied}, so every arm would replace it; "
                    f"say --set 'vary.{varied}=[ … ]'"
                )

    def _limited(self, key: str, most: int) -> Self:
        """With at most so many of the setting, also where it varies, or the group that it lies in."""
        varied = self._varied()
        group, _, setting = key.partition(".")
        if isinstance(axis := varied.get(key), list):
            values = {**self.values, "vary": {**varied, key: [_at_most(value, axis, most) for value in axis]}}
        elif key in varied or not isinstance(self.values.get(group, {}), dict):
            return self  # the file is wrong here, and will be told so
        else:
            given = self.values.get(group) or {}
            values = with_setting(self.values, key, _at_most(given.get(setting), (), most))
            if isinstance(varied.get(group), list):
                values["vary"] = {**varied, group: _groups_at_most(varied[group], setting, most)}
        return type(self)(values, self.options, self.by_path)

    def _varied(self) -> Mapping[str, Any]:
        vary = self.values.get("vary")
        return vary if isinstance(vary, dict) else {}


def override(
    values: Mapping[str, Any], set_: Sequence[str] = (), seeds: int | None = None, smoke: bool = False
) -> Overridden:
    """The values after all options: each `--set` in its order, then `--seeds`, then `--smoke`."""
    changed = Overridden(values)
    for assignment in set_:
        changed = changed.set(assignment)
    if seeds is not None:
        changed = changed.with_seeds(seeds)
    return changed.smoke() if smoke else changed


def _path_of(key: str) -> Path:
    """`vary` holds dotted keys, so what follows it is one."""
    first, _, rest = key.partition(".")
    return (first, rest) if first == "vary" and rest else tuple(key.split("."))


def _groups_at_most(groups: Sequence[Any], setting: str, most: int) -> list[Any]:
    """The values of a group that varies; those that differ in nothing but the setting stay different."""
    smaller = []
    for group in groups:
        if isinstance(group, dict):
            alike = [
                other.get(setting)
                for other in groups
                if isinstance(other, dict) and {**other, setting: None} == {**group, setting: None}
            ]
            smaller.append({**group, setting: _at_most(group.get(setting), alike, most)})
        else:
            smaller.append(group)
    return smaller


def _at_most(value: Any, among: Iterable[Any], most: int) -> Any:
    """The smaller of the value, where None is all there is, and `most`, plus one for each less value `among` those
    that it must not become the same as. What is no number stays, to be refused later."""
    if (size := _size(value)) is None:
        return value
    less = {other for other in map(_size, among) if other is not None and other < size}
    return min(size, most + len(less))


def _size(value: Any) -> float | None:
    if value is None:
        return math.inf
    return value if isinstance(value, int) else None
