"""Looks at the same arms, known by their settings: on other seeds, they share no runs with these."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from orchestrator.compare.looks.asked import Asked
from orchestrator.store import CellStore
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.trained_arms import arm_of


def with_other_seeds(
    asked: Asked,
    looks: Iterable[NotedLook],
    pairs: Iterable[Collection[str]],
    settings: Mapping[str, Mapping[str, Any]],
    cells: CellStore,
) -> Asked:
    """With the looks at a pair of the same arms, by the same name, at none of the present seeds."""
    elsewhere = [
        look for look in looks if look.sweep in asked.sweeps and not set(look.seeds) & set(asked.sweeps[look.sweep])
    ]
    if not elsewhere:
        return asked
    between, judged = known_pairs(pairs, settings), arms_judged(elsewhere, cells)
    same = (look for look, of in zip(elsewhere, judged, strict=True) if any(pair <= of for pair in between))
    return replace(asked, at_other_seeds=tuple(same))


def known_pairs(
    pairs: Iterable[Collection[str]], settings: Mapping[str, Mapping[str, Any]]
) -> list[frozenset[str]]:
    """By their settings; of an arm that is not known, none."""
    arms = {name: arm_of(of) for name, of in settings.items()}
    return [frozenset(arms[name] for name in pair) for pair in pairs if arms.keys() >= set(pair)]


def arms_judged(looks: Sequence[NotedLook], cells: CellStore) -> list[set[str]]:
    """Of each look; by the settings of one cell of each arm."""
    keys = [{min(arm) for arm in look.question.arms if arm} for look in looks]
    settings = cells.of_each(set().union(*keys), cells.settings)
    return [{arm_of(of) for key in own if (of := settings[key]) is not None} for own in keys]
