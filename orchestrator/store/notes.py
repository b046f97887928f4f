"""What has been noted in a home of its runs: what was planned of them, and which verdicts on them were shown.

Both are facts about cells, whoever names the sweep.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

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

    @property
    def seen(self) -> Runs:
        """The cells of which something could be seen or was shown, be it gone since: trained once more, a cell ends
        as it did."""
        return frozenset().union(*(plan.seen for plan in self.plans), *(look.question.cells for look in self.looks))

    @cached_property
    def beforehand(self) -> tuple[tuple[NotedPlan, ...], ...]:
        """The plans that were made before anything could be seen of their runs. Those that have runs in common,
        directly or through others, are together. A sweep that is planned anew gives up its plan of the same runs.
        """
        groups: list[tuple[NotedPlan, ...]] = []
        for plan in self._not_given_up():
            of_these = [group for group in groups if any(other.cells & plan.cells for other in group)]
            groups = [group for group in groups if group not in of_these]
            groups.append((*chain.from_iterable(of_these), plan))
        return tuple(groups)

    def beforehand_of(self, cells: Runs) -> tuple[tuple[NotedPlan, ...], ...]:
        """Those groups in which any of these cells was planned."""
        return tuple(group for group in self.beforehand if any(plan.cells & cells for plan in group))

    def _not_given_up(self) -> list[NotedPlan]:
        found: list[NotedPlan] = []
        for plan in self.plans:
            if not plan.seen:
                found = [other for other in found if other.sweep != plan.sweep or not other.cells & plan.cells]
                found.append(plan)
        return found

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

    def may_lack(self, cells: Runs) -> bool:
        """Whether there is no note of what was planned of these cells, or one that was damaged may have been of
        them: nobody knows what it said."""
        return not self.plan_of_each(cells) or any(of is None or of & cells for of in self.lost)
