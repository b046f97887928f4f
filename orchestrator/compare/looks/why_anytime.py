"""Why a verdict is an anytime-valid one, in words."""

from collections.abc import Sequence

from orchestrator.compare.looks.planned import Planned
from orchestrator.compare.looks.seeds_said import seeds_said
from orchestrator.store.noted_looks import NotedLook


def why_anytime(planned: Planned, before: Sequence[NotedLook], pairs: int) -> str:
    """Empty where it is the planned one. `before`: the looks that share runs with it; `pairs`: for how many its
    tests are corrected."""
    question = planned.asked.question
    others = [
        look
        for look in before
        if look.question.margin != question.margin or not question.has_grown_from(look.question)
    ]
    if others:
        return _after_others(planned, others)
    if (plan := planned.otherwise) is not None:
        seeds = planned.seeds_now
        if len(plan.seeds) != len(seeds):
            return f"{len(plan.seeds)} seeds were planned at the first run, and {len(seeds)} are judged"
        if set(plan.seeds) != set(seeds):
            were, are = seeds_said(plan.seeds), seeds_said(seeds)
            return f"seeds {were} were planned at the first run, and {are} are judged"
        return f"these runs were planned otherwise when some of them could be seen, at first by {plan.sweep}"
    if before:
        shown = dict.fromkeys(str(len(look.seeds)) for look in before)
        return f"a verdict at {' and '.join(shown)} seeds was shown before"
    if (plan := planned.other_margin) is not None:
        was, now = (
            "none" if margin is None else f"{margin:g}" for margin in (plan.question.margin, question.margin)
        )
        return f"the margin was {was} when the runs were planned, and is {now}"
    if planned.arms_to_choose_from:
        return f"what is compared could be chosen from {pairs} pairs of arms on these data and this split"
    if planned.arms_seen > 1:
        return f"{planned.arms_seen} of the arms had runs already when the seeds were planned"
    return ""


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
