"""The base of every group of settings: frozen, complete, unknown keys refused."""

from typing import Any

from pydantic import BaseModel, ConfigDict


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


def named(value: Any, key: str = "name") -> Any:
    """`cross_entropy` in a sweep file is short for `{name: cross_entropy}`."""
    return {key: value} if isinstance(value, str) else value
