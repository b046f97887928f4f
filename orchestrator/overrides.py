"""What the command line changes in a sweep file: `--set`, `--seeds`, `--smoke`.

In: the values of a sweep file, and the options. Out: the values as changed, which are then checked like the file's
own; and for each changed path the option that did it, so that an error can name it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from orchestrator.sweep_yaml import read_yaml
from search_spaces.faults import FaultyError, Path
from search_spaces.space import with_setting
from trainables.errors import SettingsError

SMOKE_ROWS, SMOKE_EPOCHS, SMOKE_SEEDS = 200, 1, 2
"""What `--smoke` leaves of a sweep: rows of each part, epochs, seeds."""


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
        """With at most so many of the setting, also where the group that it lies in varies."""
        varied = self._varied()
        if key in varied:
            return self
        group = key.split(".")[0]
        if not isinstance(self.values.get(group, {}), dict):
            return self  # the file is wrong here, and will be told so
        values = with_setting(self.values, key, _at_most(self.values.get(group), key, most))
        if group in varied and isinstance(varied[group], list):
            inner = key.removeprefix(f"{group}.")
            smaller = [
                with_setting(value, inner, _at_most(value, key, most)) if isinstance(value, dict) else value
                for value in varied[group]
            ]
            values["vary"] = {**varied, group: smaller}
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


def _at_most(group: Any, key: str, most: int) -> Any:
    """The smaller of the setting in its group and `most`; what is no number stays, to be refused later."""
    given = group.get(key.split(".")[-1]) if isinstance(group, dict) else None
    if given is None:
        return most
    return min(given, most) if isinstance(given, int) and not isinstance(given, bool) else given
