"""What verdicts are asked of a sweep, or of several: which runs, and what was planned before they were seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from orchestrator.store.noted_choices import NotedChoice
from orchestrator.store.noted_looks import NotedLook, Question

Pairs = Literal["baseline", "all"]


@dataclass(frozen=True)
class SweepSeeds:
    """One sweep's seeds."""

    seeds: tuple[int, ...]
    """As they are now."""
    planned: tuple[int, ...]
    """At the first run."""
    arms_trained: int = 0
    """How many arms had runs already when the seeds were planned. All runs of one arm, met by fresh ones of others,
    are as good as planned; a difference between two could be seen, and the seeds be chosen by it."""

    @property
    def as_planned(self) -> bool:
        return set(self.planned) == set(self.seeds)


@dataclass(frozen=True)
class Asked:
    """A question to the sweeps that have the runs, by name."""

    question: Question
    sweeps: Mapping[str, SweepSeeds]
    choices: tuple[NotedChoice, ...] = ()
    """What their plans have left out of what could be seen when they were made."""
    arms_there: int = 0
    """Of several sweeps: how many arms on their data and split have results, and could have been asked about."""

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


def asked_of(
    plan: Mapping[str, Any],
    planned: Mapping[str, Any] | None,
    pairs: Iterable[tuple[str, str]],
    choices: Iterable[NotedChoice] = (),
) -> Asked:
    """Of a stored plan. Where no note says what was planned, its seeds are taken for the planned ones."""
    runs = {
        arm["name"]: frozenset(c["key"] for c in plan["cells"] if c["arm"] == arm["name"]) for arm in plan["arms"]
    }
    decide = plan["decide"]
    question = Question(
        frozenset(frozenset((runs[arm], runs[versus])) for arm, versus in pairs),
        decide["metric"],
        decide.get("margin"),
    )
    of = plan.get("merged") or [{"sweep": plan["sweep"], "seeds": plan["seeds"], "planned": planned}]
    sweeps = {each["sweep"]: _seeds(each["seeds"], each["planned"]) for each in of}
    return Asked(question, sweeps, tuple(choices), plan.get("arms_there", 0))


def _seeds(seeds: Iterable[int], planned: Mapping[str, Any] | None) -> SweepSeeds:
    now = tuple(seeds)
    if planned is None:
        return SweepSeeds(now, now)
    return SweepSeeds(now, tuple(planned["seeds"]), planned["arms_trained"])
