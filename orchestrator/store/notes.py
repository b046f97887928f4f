"""What has been noted in a home of its runs: what was planned of them, and which verdicts on them were shown.

Both are facts about cells, whoever names the sweep.
"""

from collections.abc import Collection
from dataclasses import dataclass

from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.question import Runs


@dataclass(frozen=True)
class Notes:
    """Of all sweeps, each kind in the order of time."""

    plans: tuple[NotedPlan, ...] = ()
    looks: tuple[NotedLook, ...] = ()
    lost: tuple[Runs | None, ...] = ()
    """Of each sweep of which a note was damaged, all cells that it is known to have had; None where no record of
    them is left."""

    @property
    def seeds(self) -> set[int]:
        """On which anything was planned or shown."""
        of_plans = {seed for plan in self.plans for seed in plan.seeds}
        return of_plans | {seed for look in self.looks for seed in look.seeds}

    def plan_of_each(self, cells: Collection[str]) -> dict[str, NotedPlan]:
        """The one that counts, by cell: the last that was made before anything could be seen. Where there is none,
        the first."""
        cells, found = frozenset(cells), dict[str, NotedPlan]()
        for plan in self.plans:
            for key in cells & plan.cells:
                if key not in found or not plan.seen:
                    found[key] = plan
        return found

    def plans_of(self, cells: Collection[str]) -> tuple[NotedPlan, ...]:
        """Those that count for any of these cells, the earliest first."""
        counting = {id(plan) for plan in self.plan_of_each(cells).values()}
        return tuple(plan for plan in self.plans if id(plan) in counting)

    def are_chosen(self, taken: Collection[str], there: Collection[str]) -> bool:
        """Whether the runs that are taken may have been chosen, by what they had shown, from those of an arm that
        are there. Who takes all of them has chosen nothing, nor who goes on with just those of the first plan."""
        of_these, there = frozenset(taken).intersection(there), frozenset(there)
        if of_these in (frozenset(), there):
            return False
        if self.plan_of_each(there).keys() != there:
            return True  # a note was lost, and which was the first is not known
        return self.plans_of(there)[0].cells & there != of_these

    def may_have_lost(self, cells: Runs) -> bool:
        """Whether a note that was damaged may have been of any of these cells: nobody knows what it said."""
        return any(of is None or of & cells for of in self.lost)
