"""Was just this planned of just these runs, before anything of them could be seen?

What was planned is a fact about cells, whoever names the sweep. Several sweeps that have runs in common may have
been planned beforehand: they share the level. Whatever is asked of the runs but what was planned may be what they
made look best.
"""

from dataclasses import dataclass
from functools import cached_property
from math import comb

from orchestrator.compare.looks.asked import Asked
from orchestrator.compare.statistics.power import FEWEST_FOR_A_DIFFERENCE
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes
from orchestrator.store.question import Question


@dataclass(frozen=True)
class Planned:
    """Of what is asked, from what is noted."""

    asked: Asked
    notes: Notes

    @cached_property
    def together(self) -> tuple[tuple[NotedPlan, ...], ...]:
        """What was planned beforehand of any of these runs, and of the runs of others that was planned with it."""
        return self.notes.beforehand_of(self.asked.question.cells)

    @property
    def questions(self) -> tuple[frozenset[Question], ...]:
        """Of each group of plans."""
        return tuple(frozenset(plan.question for plan in group) for group in self.together)

    @property
    def sharing(self) -> int:
        """How many questions that can be judged were planned together with just this one, itself among them, and so
        share the level; 0 where this one was not planned."""
        question = self.asked.question
        for group in self.together:
            if any(plan.question == question for plan in group):
                others = {plan.question for plan in group if plan.question.pairs and _is_judged(plan)}
                return len(others | {question})
        return 0

    @property
    def is_pilot(self) -> bool:
        """Whether all of it was planned with fewer seeds than a verdict needs, so that nothing has a plain test."""
        plans = [plan for group in self.together for plan in group]
        return bool(plans) and not any(_is_judged(plan) for plan in plans)

    @property
    def apart(self) -> bool:
        """Whether each arm was planned just as it is, by itself, with the seeds of the others, and all pairs of all
        arms that there are, with all their runs, are asked about: nothing is left to choose from."""
        question, plans = self.asked.question, [plan for group in self.together for plan in group]
        planned = [plan.question for plan in plans]
        as_they_are = {of.arms for of in planned} == {frozenset([arm]) for arm in question.arms}
        every = comb(max(self.arms_there, len(question.arms)), 2) == len(question.pairs)
        by_one_metric = {of.metric for of in planned} == {question.metric}
        by_margin = question.margin in {of.margin for of in planned}
        on_one_set_of_seeds = len({frozenset(plan.seeds) for plan in plans}) == 1
        chosen = question.tries or self.left_out
        return as_they_are and every and by_one_metric and by_margin and on_one_set_of_seeds and not chosen

    @property
    def otherwise(self) -> NotedPlan | None:
        """Of what was planned beforehand of these runs, what is to be named where this is not it: the plan of a
        sweep that has other seeds now, or the last of the sweeps' own; by another name the last with its seeds."""
        cells, sweeps = self.asked.question.cells, self.asked.sweeps
        found = [plan for group in self.together for plan in group if plan.cells & cells]
        own = [plan for plan in found if plan.sweep in sweeps]
        changed = [plan for plan in own if set(plan.seeds) != set(sweeps[plan.sweep])]
        with_these = [plan for plan in found if set(plan.seeds) in map(set, sweeps.values())]
        return None if self.sharing or not found else (changed or own or with_these or found)[-1]

    @property
    def seeds_now(self) -> tuple[int, ...]:
        """Of the sweep whose plan was another; by another name, of the first that has other seeds."""
        sweeps, plan = self.asked.sweeps, self.otherwise
        if plan is not None and plan.sweep in sweeps:
            return sweeps[plan.sweep]
        seeds = list(sweeps.values())
        return next((now for now in seeds if plan is not None and set(now) != set(plan.seeds)), seeds[0])

    @property
    def metrics(self) -> list[str]:
        """By which the runs were to be decided before any of them could be seen."""
        cells = self.asked.question.cells
        first = [plan for group in self.together for plan in group if plan.cells & cells]
        first += [plan for plan in self._of_these if plan.seen and not plan.seen & cells]
        return list(dict.fromkeys(plan.question.metric for plan in first or self._of_these[:1]))

    @property
    def arms_there(self) -> int:
        """From how many arms those asked about could be chosen by what they had shown, where more are known than
        were planned together; else 0."""
        return max(self.asked.arms_there, *(plan.arms_there or 0 for plan in self._choosing), 0)

    @property
    def left_out(self) -> list[dict[str, int]]:
        """Of each arm of which only some runs are asked about, and may have been chosen: all that were there."""
        now = self.asked.question.cells
        found = [*self.asked.left_out, *(runs for plan in self._choosing for runs in plan.left_out)]
        return [dict(runs) for runs in found if runs.keys() & now and not runs.keys() <= now]

    @cached_property
    def _of_these(self) -> tuple[NotedPlan, ...]:
        """That count for any of the runs, the earliest first."""
        return self.notes.plans_of(self.asked.question.cells)

    @property
    def _choosing(self) -> list[NotedPlan]:
        """The plans that may have chosen these runs by what they had shown: those that count for them, and those of
        some of them alone."""
        cells, counting = self.asked.question.cells, {id(plan) for plan in self._of_these}
        return [plan for plan in self.notes.plans if id(plan) in counting or plan.cells <= cells]


def _is_judged(plan: NotedPlan) -> bool:
    """Of fewer seeds than a verdict needs, as of a pilot, nothing is said that could be untrue."""
    return len(plan.seeds) >= FEWEST_FOR_A_DIFFERENCE
