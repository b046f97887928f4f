"""The base of every group of settings: frozen, complete, unknown keys refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator

STORED = "settings that were stored with a cell"
"""The context in which stored settings are read back, `model_validate(…, context=STORED)`: what has been added
since has its neutral value, whatever its default is by now."""


@dataclass(frozen=True, eq=False)
class AddedLater:
    """Marks a setting that came when cells without it had been stored already.

        label_smoothing: Annotated[float, AddedLater(neutral=0.0)] = 0.0

    Those cells were trained as if it had been at its neutral value. So it is neither stored nor hashed where it is:
    they keep their keys, and are the same cells as new ones that leave it there. The default may change later; the
    neutral value never may.
    """

    neutral: Any
    """As `declared` gives it: plain JSON, a whole group with all its settings."""


class Settings(BaseModel):
    """Data, never behaviour read from the environment. Two equal settings hash alike."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=False,
        validate_default=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        protected_namespaces=(),
    )

    @model_validator(mode="before")
    @classmethod
    def _neutral_where_absent(cls, given: Any, info: ValidationInfo) -> Any:
        if info.context is not STORED or not isinstance(given, Mapping):
            return given
        return neutral_values(cls) | dict(given)


def neutral_values(group: type[BaseModel]) -> dict[str, Any]:
    """By name, the neutral value of each setting of a group that was added later."""
    return {
        name: mark.neutral
        for name, field in group.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, AddedLater)
    }


def declared(settings: Settings) -> dict[str, Any]:
    """The settings as JSON has them and as they are stored: without what was added later and is neutral."""
    content: dict[str, Any] = _declared(settings, settings.model_dump(mode="json"))
    return content


def _declared(value: Any, dumped: Any) -> Any:
    match value:
        case BaseModel():
            neutral = neutral_values(type(value))
            content = {name: _declared(getattr(value, name), dumped[name]) for name in type(value).model_fields}
            return {name: c for name, c in content.items() if name not in neutral or c != neutral[name]}
        case list() | tuple():
            return [_declared(*pair) for pair in zip(value, dumped, strict=True)]
        case dict():
            return {key: _declared(inner, dumped[str(key)]) for key, inner in value.items()}
        case _:
            return dumped


def named(value: Any, key: str = "name") -> Any:
    """`cross_entropy` in a sweep file is short for `{name: cross_entropy}`."""
    return {key: value} if isinstance(value, str) else value
