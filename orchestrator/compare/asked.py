"""What verdicts are asked of a sweep, or of several: which runs, and what was planned before they were seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from orchestrator.store.noted_choices import NotedChoice
from orchestrator.store.noted_looks import NotedLook, Question
from orchestrator.store.noted_plans import NotedPlan

Pairs = Literal["baseline", "all"]


@dataclass(frozen=True)
class AskedSweep:
    """One of those that have the runs."""

    seeds: tuple[int, ...]
    """As they are now."""
    margin: float | None
    """Its own, as it is now."""
    planned: NotedPlan

    @property
    def has_its_seeds(self) -> bool:
        """Those that were planned."""
        return set(self.planned.seeds) == set(self.seeds)


@dataclass(frozen=True)
class Asked:
    """A question to the sweeps that have the runs, by name."""

    question: Question
    sweeps: Mapping[str, AskedSweep]
    choices: tuple[NotedChoice, ...] = ()
    """What their plans have left out of what could be seen when they were made."""
    arms_there: int = 0
    """From how many arms those asked about could be chosen by their results: of several sweeps, all on their data
    and split; of one sweep whose pairs were planned otherwise, its own. 0: they were not chosen so."""
    has_lost_notes: bool = False
    """Whether a note of what was planned, chosen or looked at was damaged."""

    def looks(self, plain: bool, tests: int | None = None) -> list[NotedLook]:
        """The notes of this look, one for each sweep. `tests`: what it was corrected for."""
        return [
            NotedLook(name, tuple(sorted(sweep.seeds)), self.question, plain, tests)
            for name, sweep in self.sweeps.items()
        ]


def pairs_of(arms: Sequence[str], baseline: str, which: Pairs) -> list[tuple[str, str]]:
    """(arm, versus)"""
    if which == "baseline":
        return [(arm, baseline) for arm in arms if arm != baseline]
    return [(later, earlier) for earlier, later in combinations(arms, 2)]


def planned_pairs(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Those that a stored plan is to answer: (arm, versus)."""
    return pairs_of([arm["name"] for arm in plan["arms"]], plan["baseline"], plan["decide"]["pairs"])


def planned_by(plan: Mapping[str, Any], arms_trained: int = 0) -> NotedPlan:
    """What a stored plan plans."""
    decide, pairs = plan["decide"], frozenset(map(frozenset, planned_pairs(plan)))
    cells = frozenset(cell["key"] for cell in plan["cells"])
    return NotedPlan(tuple(plan["seeds"]), decide["metric"], decide["margin"], pairs, arms_trained, cells)


def asked_of(
    plan: Mapping[str, Any],
    planned: NotedPlan | None,
    pairs: Iterable[tuple[str, str]],
    choices: Iterable[NotedChoice] = (),
    has_lost_notes: bool = False,
) -> Asked:
    """Of a stored plan. Where no note says what was planned, it is taken for it."""
    arms = [arm["name"] for arm in plan["arms"]]
    runs = {arm: frozenset(c["key"] for c in plan["cells"] if c["arm"] == arm) for arm in arms}
    asked_pairs, decide = {frozenset(pair) for pair in pairs}, plan["decide"]
    question = Question(
        frozenset(frozenset(runs[arm] for arm in pair) for pair in asked_pairs), decide["metric"], decide["margin"]
    )
    if "merged" in plan:
        sweeps = {name: AskedSweep(*of) for name, of in plan["merged"].items()}
        return Asked(question, sweeps, tuple(choices), plan["arms_there"], has_lost_notes)
    of = planned or planned_by(plan)
    missed = {pair for pair in of.pairs if pair <= runs.keys()} - asked_pairs
    sweep = AskedSweep(tuple(plan["seeds"]), decide["margin"], of)
    return Asked(question, {plan["sweep"]: sweep}, tuple(choices), len(arms) if missed else 0, has_lost_notes)
