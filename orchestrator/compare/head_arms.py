"""Which arms of a sweep are the corners of a 2 × 2 of the head: its rate and its start, each as either loss has it.

In: each arm's settings, as stored. Out: a `HeadArms` for every such square. Pure; what a head is to a loss, and why
these are the corners, says `trainables/losses/head.py`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trainables.losses.head import NEUTRAL

OWN = dict(NEUTRAL)
FAST = {"learning_rate_scale": 2.0, "weight_decay_scale": 0.5}
TWO_ROWS = {"init": "two_rows"}
ROLES: dict[str, tuple[str, bool, dict[str, Any]]] = {
    "plain": ("binary_cross_entropy", False, OWN),
    "fast": ("binary_cross_entropy", False, OWN | FAST),
    "started": ("binary_cross_entropy", False, OWN | TWO_ROWS),
    "both": ("binary_cross_entropy", False, OWN | FAST | TWO_ROWS),
    "cross_entropy": ("cross_entropy", False, OWN),
    "twin": ("cross_entropy", True, OWN),
}
"""Loss, whether it is pinned, head."""
WEIGHTS = ("class_weights", "pos_weight")


@dataclass(frozen=True)
class HeadArms:
    """Names of arms. All of them share every setting but the loss."""

    plain: str
    """Binary cross-entropy."""
    fast: str
    """Its head at twice the rate and half the decay, as cross-entropy's difference of rows learns."""
    started: str
    """Its head begun as the difference of two rows, as cross-entropy's does."""
    both: str
    """Which is cross-entropy's training, up to rounding."""
    cross_entropy: str | None = None
    twin: str | None = None
    """Cross-entropy of [0, z], which is binary cross-entropy's training, up to rounding."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of those that there are."""
        every = (self.plain, self.fast, self.started, self.both, self.cross_entropy, self.twin)
        return tuple(name for name in every if name is not None)


def head_arms(settings: Mapping[str, Mapping[str, Any]]) -> tuple[HeadArms, ...]:
    """One for each set of otherwise equal settings that has all four corners; by arm, the settings as stored."""
    squares: dict[str, dict[str, str]] = {}
    for arm, stored in settings.items():
        for role in _roles(stored.get("loss")):
            squares.setdefault(_otherwise(stored), {})[role] = arm
    corners = {"plain", "fast", "started", "both"}
    return tuple(HeadArms(**found) for found in squares.values() if corners <= found.keys())


def _roles(loss: Any) -> Iterator[str]:
    if not isinstance(loss, Mapping) or any(loss.get(weights) is not None for weights in WEIGHTS):
        return
    of_arm = (loss.get("name"), loss.get("pinned", False), OWN | dict(loss.get("head", {})))
    yield from (role for role, wanted in ROLES.items() if of_arm == wanted)


def _otherwise(stored: Mapping[str, Any]) -> str:
    """All settings that the arms of a square must share, as text."""
    smoothing = stored["loss"].get("label_smoothing", 0.0)
    others = {key: value for key, value in stored.items() if key not in ("loss", "seed")}
    return json.dumps([others, smoothing], sort_keys=True)
