"""What verdicts are asked of a sweep, or of several: of which runs, and what a stored plan plans to ask."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.question import Question

Pairs = Literal["baseline", "all"]


@dataclass(frozen=True)
class Asked:
    """A question to the sweeps that have the runs."""

    question: Question
    sweeps: Mapping[str, tuple[int, ...]]
    """Their seeds, as they are now, by name."""
    arms_there: int = 0
    """Of several sweeps, how many arms there are on their data and split, from which these could be chosen by their
    results. 0: of one sweep, whose plan says it."""
    left_out: tuple[Mapping[str, int], ...] = ()
    """Of several sweeps, the runs of each arm of which some are in other sweeps, each with its seed."""
    at_other_seeds: tuple[NotedLook, ...] = ()
    """Looks at the same arms by the same name, at none of these seeds."""

    def looks(self, plain: bool, tests: int | None = None, sharing: int = 1) -> list[NotedLook]:
        """The notes of this look, one for each sweep. `tests`: what it was corrected for; `sharing`: how many
        questions shared its level."""
        return [
            NotedLook(name, tuple(sorted(seeds)), self.question, plain, tests, sharing)
            for name, seeds in self.sweeps.items()
        ]


def pairs_of(arms: Sequence[str], baseline: str, which: Pairs) -> list[tuple[str, str]]:
    """(arm, versus)"""
    if which == "baseline":
        return [(arm, baseline) for arm in arms if arm != baseline]
    return [(later, earlier) for earlier, later in combinations(arms, 2)]


def planned_pairs(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Those that a stored plan is to answer: (arm, versus)."""
    return pairs_of([arm["name"] for arm in plan["arms"]], plan["baseline"], plan["decide"]["pairs"])


def planned_by(plan: Mapping[str, Any]) -> NotedPlan:
    """What a stored plan plans, if nothing of it could be seen."""
    return NotedPlan(plan["sweep"], tuple(plan["seeds"]), asked_of(plan, planned_pairs(plan)).question)


def asked_of(
    plan: Mapping[str, Any], pairs: Iterable[tuple[str, str]], tries: Collection[tuple[str, int]] = ()
) -> Asked:
    """Of a stored plan. `tries`: of cells that have been tried again."""
    runs: dict[str, set[str]] = {arm["name"]: set() for arm in plan["arms"]}
    for cell in plan["cells"]:
        runs[cell["arm"]].add(cell["key"])
    of = {arm: frozenset(keys) for arm, keys in runs.items()}
    asked = frozenset(frozenset(of[arm] for arm in pair) for pair in pairs)
    decide = plan["decide"]
    alone = frozenset(of.values()).difference(*asked)
    question = Question(asked, decide["metric"], decide["margin"], alone, frozenset(tries))
    if "merged" in plan:
        return Asked(question, plan["merged"], plan["arms_there"], plan["left_out"])
    return Asked(question, {plan["sweep"]: tuple(plan["seeds"])})
