"""Seeds in the notes of what was planned and of what was looked at: how many, and which.

A note from before the seeds themselves were kept has only their number.
"""

from collections.abc import Collection, Mapping
from typing import Any

NotedSeeds = int | tuple[int, ...]
"""The seeds in their order; or how many there were, where the note says no more."""


def seeds_note(seeds: Collection[int]) -> dict[str, Any]:
    """What a note says of them."""
    return {"seeds": len(seeds), "which": sorted(seeds)}


def noted_seeds(note: Mapping[str, Any]) -> NotedSeeds:
    """What it said."""
    which = note.get("which")
    return int(note["seeds"]) if which is None else tuple(int(seed) for seed in which)


def are(noted: NotedSeeds, seeds: Collection[int]) -> bool:
    """Whether these are the seeds of the note, or may be where it has only their number."""
    return noted == len(seeds) if isinstance(noted, int) else set(noted) == set(seeds)
