"""Why a verdict is an anytime-valid one, in words."""

from collections.abc import Sequence

from orchestrator.compare.looks.planned import Planned
from orchestrator.compare.looks.seeds_said import seeds_said
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.noted_plans import NotedPlan

NOBODY_KNOWS = "a note of what was planned or looked at is damaged or missing, and what it said is not known"
NONE_BEFOREHAND = "some of these runs, or of those planned with them, could be seen when they were planned"


def why_anytime(planned: Planned, before: Sequence[NotedLook], pairs: int) -> str:
    """Of what was not planned beforehand. `before`: the looks that share runs with it or with what was planned;
    `pairs`: for how many its tests are corrected."""
    question = planned.asked.question
    others = [
        look
        for look in before
        if look.question.cells & question.cells
        and (look.question.margin != question.margin or not question.has_grown_from(look.question))
    ]
    if others:
        return _after_others(planned, others)
    plan = planned.otherwise
    return NONE_BEFOREHAND if plan is None else _otherwise_than(plan, planned, pairs)


def _otherwise_than(plan: NotedPlan, planned: Planned, pairs: int) -> str:
    """What is asked, than what was planned."""
    question, seeds = planned.asked.question, planned.seeds_now
    if len(plan.seeds) != len(seeds):
        return f"{len(plan.seeds)} seeds were planned at the first run, and {len(seeds)} are judged"
    if set(plan.seeds) != set(seeds):
        were, are = seeds_said(plan.seeds), seeds_said(seeds)
        return f"seeds {were} were planned at the first run, and {are} are judged"
    if question.tries:
        again = len(question.tries)
        return f"{again} of the cells {'has' if again == 1 else 'have'} been trained again since the first run"
    if len(planned.together) > 1:
        return _of_plans_apart(planned)
    added = sum(not arm & plan.cells for arm in question.arms)
    if added:
        are = "is" if added == 1 else "are"
        return f"{added} of the arms {are} not among those that were planned together at the first run"
    if plan.question.pairs == question.pairs and plan.question.margin != question.margin:
        was, now = (
            "none" if margin is None else f"{margin:g}" for margin in (plan.question.margin, question.margin)
        )
        return f"the margin was {was} when the runs were planned, and is {now}"
    return (
        f"other pairs of arms were planned to be compared at the first run, and these could be chosen from {pairs}"
    )


def _of_plans_apart(planned: Planned) -> str:
    """Arms planned each by itself are judged as planned where these are all that there is, in all pairs."""
    plans = [plan for group in planned.together for plan in group]
    said = f"{' and '.join(dict.fromkeys(plan.sweep for plan in plans))} were planned apart, and"
    if any(plan.question.pairs for plan in plans):
        return f"{said} not to be compared with each other"
    if planned.asked.question.margin not in {plan.question.margin for plan in plans}:
        return f"{said} by another margin"
    if len({frozenset(plan.seeds) for plan in plans}) > 1:
        return f"{said} with other seeds each"
    return f"{said} are not all that there is, in all pairs"


def _after_others(planned: Planned, others: Sequence[NotedLook]) -> str:
    """Those that are no looks at fewer runs of the same question."""
    question = planned.asked.question
    where = list(dict.fromkeys(f"{look.sweep}, {len(look.seeds)} seeds" for look in others))
    where[2:] = [f"{len(where) - 2} more"] if len(where) > 3 else where[2:]
    said = "; ".join(where)
    again = {
        key for look in others for key, _ in question.tries ^ look.question.tries if key in look.question.cells
    }
    if again := again & question.cells:
        are = "cell has" if len(again) == 1 else "cells have"
        return f"{len(again)} {are} been trained again since verdicts on these runs were shown ({said})"
    only_margin = all(question.has_grown_from(look.question) for look in others)
    asked_then = "by another margin" if only_margin else "in answer to another question"
    return f"verdicts that rest on some of these runs were shown before, {asked_then} ({said})"
