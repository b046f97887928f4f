"""What each loss says of itself, taken from where it is said: its docstring and its settings.

In: a loss's class. Out: a `LossDescription`, which `seedwise losses` prints. A new loss is among them by being a
member of `AnyLoss`; the loss contract holds that each says all of it.
"""

import inspect
import re
from dataclasses import dataclass
from typing import Any, get_args

from trainables.losses import AnyLoss, Loss
from trainables.losses.head import HeadSettings
from trainables.settings import Settings


@dataclass(frozen=True)
class SettingDescription:
    """One setting, by the dotted key under which a sweep file has it."""

    key: str
    default: Any
    meaning: str


@dataclass(frozen=True)
class LossDescription:
    """All in words; `formula` line by line."""

    name: str
    summary: str
    formula: tuple[str, ...]
    output_layer: str
    settings: tuple[SettingDescription, ...]
    """The loss's own."""
    source: str


def loss_classes() -> tuple[type[Loss], ...]:
    """The members of `AnyLoss`, in its order."""
    union = get_args(AnyLoss)[0]
    return get_args(union) or (union,)


def describe(loss: type[Loss]) -> LossDescription:
    """Raises AssertionError where the docstring lacks a part."""
    said = inspect.getdoc(loss) or ""
    paragraphs = said.split("\n\n")
    return LossDescription(
        name=str(loss.model_fields["name"].default),
        summary=_in_one_line(paragraphs[0]),
        formula=tuple(
            re.sub(r"\s{2,}", "   ", line.strip())
            for paragraph in paragraphs
            if paragraph.startswith("    ")
            for line in paragraph.splitlines()
        ),
        output_layer=_paragraph(paragraphs, "Output layer", loss),
        settings=_settings(loss, "loss", but_for=("name", "head")),
        source=_paragraph(paragraphs, "Reference", loss),
    )


def head_settings() -> tuple[SettingDescription, ...]:
    """Those that every loss has."""
    return _settings(HeadSettings, "loss.head")


def _settings(group: type[Settings], above: str, but_for: tuple[str, ...] = ()) -> tuple[SettingDescription, ...]:
    return tuple(
        SettingDescription(f"{above}.{name}", field.default, _in_one_line(field.description or ""))
        for name, field in group.model_fields.items()
        if name not in but_for
    )


def _paragraph(paragraphs: list[str], heading: str, loss: type[Loss]) -> str:
    found = [p.removeprefix(f"{heading}:") for p in paragraphs if p.startswith(f"{heading}:")]
    assert len(found) == 1, f"the docstring of {loss.__name__} has {len(found)} paragraphs `{heading}: …`, not one"
    return _in_one_line(found[0])


def _in_one_line(text: str) -> str:
    """Without the marks of titles."""
    return " ".join(text.replace("*", "").split())
