"""A flag that there is not, where a setting is called so: `--epochs 3` is meant as `--set training.epochs=3`."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel

MOST_SAID = 3


def settings_meant(flag: str, arguments: Sequence[str]) -> str:
    """`--set training.epochs=3`, of each setting of that name; empty where there is none. `arguments`: as given."""
    from orchestrator.spec import SweepSpec  # needs torch, which a command line without mistakes may not

    path = flag.lstrip("-").replace("-", "_")
    found = dict.fromkeys(known for known in _paths(SweepSpec) if known == path or known.endswith(f".{path}"))
    meant = sorted(found, key=lambda known: (known.count("."), known))[:MOST_SAID]
    return " or ".join(f"--set {known}={_value(flag, arguments)}" for known in meant)


def _value(flag: str, arguments: Sequence[str]) -> str:
    """What stands after the flag; `…` where nothing does."""
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, equals, value = argument.partition("=")
        if name == flag:
            said = value if equals else following
            return "…" if not said or said.startswith("--") else said
    return "…"


def _paths(settings: type[BaseModel], before: str = "") -> Iterator[str]:
    for name, field in settings.model_fields.items():
        yield f"{before}{name}"
        for inner in _kinds(field.annotation):
            yield from _paths(inner, f"{before}{name}.")


def _kinds(annotation: Any) -> Iterator[type[BaseModel]]:
    """The settings that may stand there: one kind, or those of a union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _kinds(part)
