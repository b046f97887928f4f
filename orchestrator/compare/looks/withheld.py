"""Why there may be no verdict on some runs, estimates only: what is asked may be what looks best.

An anytime-valid test holds for a sample that grows: its looks are at more and more of the same runs. Seeds that
leave out some of those that were judged before are no such sample. A second sample for which one went because of
what the first had shown, or the part of the first that looks best, is another try, and with as many tries as one
likes there is always one that succeeds. No level is left for it, and so no verdict is given, until all seeds that
were judged are judged together.

Nor is there one on seeds that a plan took from an arm's runs once they could be seen, leaving others out; nor by a
metric that was named after others were planned or shown.
"""

from collections.abc import Sequence

from orchestrator.compare.looks.asked import Asked
from orchestrator.compare.looks.planned import Planned
from orchestrator.compare.looks.seeds_said import seeds_option, seeds_said
from orchestrator.store.noted_looks import NotedLook


def tried_before(asked: Asked, before: Sequence[NotedLook]) -> str:
    """Why verdicts that were shown before leave none for this; empty where they do. `before`: the looks that share
    runs with it, directly or through others."""
    metric, cells = asked.question.metric, asked.question.cells
    here = [look for look in before if look.question.cells & cells]
    if other := next((look.question.metric for look in here if look.question.metric != metric), ""):
        return _chosen_metric(metric, other, f"verdicts on these runs were shown by {other}")
    left_out = [look for look in before if _is_part_left_out(look, asked)]
    if not left_out:
        return ""
    judged = {seed for look in left_out for seed in look.seeds}
    seeds = {seed for each in asked.sweeps.values() for seed in each}
    chosen = (
        "one on {} that were chosen after the others had been judged would be another try; go on with all of them"
    )
    if not judged <= seeds:
        return (
            f"verdicts on seeds {seeds_said(judged)} were shown before, and {seeds_said(seeds)} are not all of "
            f"these and more; {chosen.format('seeds')}: {seeds_option(judged | seeds)}"
        )
    missed = frozenset(key for look in left_out for key in _left_out_of(look, asked))
    where = " and ".join(dict.fromkeys(look.sweep for look in left_out))
    return (
        f"verdicts were shown before that rest on {len(missed)} more runs of these arms (in {where}); "
        f"{chosen.format('runs')}"
    )


def chosen_by_results(planned: Planned) -> str:
    """Why what was planned, or could be seen when it was, leaves none; empty where it does."""
    metric = planned.asked.question.metric
    if len(planned.metrics) > 1:
        return (
            f"these runs were planned to be decided by {' and by '.join(planned.metrics)}, and either would be a "
            "metric that was chosen after they had been seen; compare them as they were planned, or train fresh "
            "seeds in a sweep of another name"
        )
    if other := next((other for other in planned.metrics if other != metric), ""):
        return _chosen_metric(metric, other, f"{other} was to decide when these runs were planned")
    if not (left_out := planned.left_out):
        return ""
    now = planned.asked.question.cells
    missing = {key for runs in left_out for key in runs} - now
    sweeps = list(planned.asked.sweeps)
    having = dict.fromkeys(plan.sweep for plan in planned.notes.plans if plan.cells & missing)
    if len(sweeps) > 1 and (others := [name for name in having if name not in sweeps]):
        return (
            f"{' and '.join(others)} {'have' if others[1:] else 'has'} runs of these arms, too, and which sweeps "
            "are compared may have been chosen by what they had shown; compare all of them: seedwise compare "
            f"{' '.join([*sweeps, *others])}"
        )
    trained = {seed for runs in left_out for seed in runs.values()}
    taken = {seed for runs in left_out for key, seed in runs.items() if key in now}
    every = trained.union(*planned.asked.sweeps.values())
    return (
        f"of the runs that were there when the seeds were planned, at seeds {seeds_said(trained)}, only "
        f"{seeds_said(taken)} were taken, and they may be those that looked best; train seeds that no arm has yet "
        f"in a sweep of another name, or take all of them: {seeds_option(every)}"
    )


def _is_part_left_out(look: NotedLook, asked: Asked) -> bool:
    """Whether the present runs of an arm are not all of those that were judged before."""
    return look in asked.at_other_seeds or bool(_left_out_of(look, asked))


def _left_out_of(look: NotedLook, asked: Asked) -> set[str]:
    """The runs of its arms that are judged now, but for those that are."""
    arms = [(then, now) for then in look.question.arms for now in asked.question.arms if then & now]
    return {key for then, now in arms for key in then - now}


def _chosen_metric(metric: str, other: str, because: str) -> str:
    return (
        f"{because}, and {metric} would be a metric that was chosen after they had been seen; decide by {other}, "
        "or train fresh seeds in a sweep of another name"
    )
