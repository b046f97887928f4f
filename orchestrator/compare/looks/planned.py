"""Are these questions and runs what was planned of them, before anything of them could be seen?

What was planned is a fact about cells, whoever names the sweep. Each cell has one plan that counts
(`store/notes.py`), and the runs that are asked about may have several.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import comb

from orchestrator.compare.looks.asked import Asked
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes
from orchestrator.store.question import Question, Runs


@dataclass(frozen=True)
class Planned:
    """Of what is asked, from what is noted. Runs of which no note says anything count as planned."""

    asked: Asked
    notes: Notes

    @cached_property
    def plans(self) -> tuple[NotedPlan, ...]:
        """That count for any of the runs, the earliest first."""
        return self.notes.plans_of(self.asked.question.cells)

    @cached_property
    def otherwise(self) -> NotedPlan | None:
        """A plan of an arm that is not just what that one has: the last unprejudiced one, or the first that counts.
        None where there is no such arm, or the last of the unprejudiced has all of them as they are."""
        arms, unprejudiced = self.asked.question.arms, self._unprejudiced
        if unprejudiced and arms <= unprejudiced[-1].question.arms:
            return None
        last = {arm: plan for plan in unprejudiced for arm in _touched(arms, plan.cells)}
        if lacking := [plan for arm, plan in last.items() if arm not in plan.question.arms]:
            return next(plan for plan in reversed(unprejudiced) if plan in lacking)
        each = self.notes.plan_of_each(self.asked.question.cells)
        others = set[int]()
        for arm in arms:
            of = {id(each[key]) for key in arm & each.keys()}
            if len(of) > 1 or any(id(plan) in of and arm not in plan.question.arms for plan in self.plans):
                others |= of
        return next((plan for plan in self.plans if id(plan) in others), None)

    @property
    def _unprejudiced(self) -> list[NotedPlan]:
        """Those of any of these runs, and of several arms, that were made while no difference between the present
        arms could be seen. Only the last may be what was planned: else there would be several to choose from once
        one can be seen."""
        arms = self.asked.question.arms
        return [
            plan
            for plan in self.notes.plans
            if plan.question.pairs
            and _touched(arms, plan.cells)
            and len(_touched(arms, plan.seen)) <= 1
            and not plan.left_out
        ]

    @property
    def seeds_now(self) -> tuple[int, ...]:
        """Of the sweep whose plan was another; by another name, of the first that has other seeds."""
        sweeps, plan = self.asked.sweeps, self.otherwise
        seeds = [sweeps[plan.sweep]] if plan is not None and plan.sweep in sweeps else []
        seeds += sweeps.values()
        return next((now for now in seeds if plan is not None and set(now) != set(plan.seeds)), seeds[0])

    @property
    def arms_seen(self) -> int:
        """Of how many arms something could be seen when the last of the plans was made that has one that counts."""
        return max((plan.arms_seen for plan in self.plans), default=0)

    @property
    def metrics(self) -> list[str]:
        """By which the runs were to be decided before any of them could be seen."""
        cells = self.asked.question.cells
        first = [plan for plan in self.plans if not plan.seen & cells] or self.plans[:1]
        return list(dict.fromkeys(plan.question.metric for plan in first))

    @property
    def other_margin(self) -> NotedPlan | None:
        """The first of the plans, if none of them has the margin."""
        margin = self.asked.question.margin
        planned = [None, *(plan.question.margin for plan in self.plans)]
        return None if not self.plans or margin in planned else self.plans[0]

    @property
    def arms_to_choose_from(self) -> int:
        """From how many arms those asked about could be chosen by what they had shown, where these pairs are not
        all that there are of so many; else 0."""
        question = self.asked.question
        there = [self.asked.arms_there, *(plan.arms_there or 0 for plan in self._seen_by)]
        if not self._asks_as_planned:
            there.append(len(arms_of(question, *(plan.question for plan in self.plans))))
        return most if comb(max(most := max(there), len(question.arms)), 2) > len(question.pairs) else 0

    @property
    def left_out(self) -> list[dict[str, int]]:
        """Of each arm of which only some runs are asked about, and may have been chosen: all that were there."""
        now = self.asked.question.cells
        found = [*self.asked.left_out, *(runs for plan in self._seen_by for runs in plan.left_out)]
        return [dict(runs) for runs in found if runs.keys() & now and not runs.keys() <= now]

    @cached_property
    def _seen_by(self) -> list[NotedPlan]:
        """The plans that may have chosen these runs by what they had shown: those that count, and others of some
        of the runs, unless just this was planned before anything could be seen."""
        cells, counting = self.asked.question.cells, {id(plan) for plan in self.plans}
        is_planned = bool(self.plans) and self.otherwise is None and self.arms_seen <= 1 and self._asks_as_planned
        return [
            plan for plan in self.notes.plans if id(plan) in counting or (plan.cells <= cells and not is_planned)
        ]

    @cached_property
    def _asks_as_planned(self) -> bool:
        """Whether just the planned pairs are asked about; arms are known by their runs."""
        question = self.asked.question
        planned = {pair for plan in self.plans for pair in plan.question.pairs}
        into = {arm: frozenset(own for own in question.arms if own & arm) for pair in planned for arm in pair}
        return not self.plans or {frozenset(into[arm] for arm in pair) for pair in planned} == {
            frozenset(frozenset([arm]) for arm in pair) for pair in question.pairs
        }


def _touched(arms: Iterable[Runs], cells: Runs) -> set[Runs]:
    """Those of the arms that have any of these cells."""
    return {arm for arm in arms if arm & cells}


def arms_of(*questions: Question) -> list[Runs]:
    """All that they are of; runs in common make one arm."""
    arms: list[Runs] = []
    for own in (arm for question in questions for arm in question.arms):
        arms = joined(arms, own)
    return arms


def joined(arms: Iterable[Runs], own: Runs) -> list[Runs]:
    """With one more, which is one with those that it shares runs with."""
    arms = list(arms)
    return [arm for arm in arms if not arm & own] + [own.union(*(arm for arm in arms if arm & own))]
