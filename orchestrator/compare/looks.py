"""Is this the look that was planned? Any other verdict on the same runs is an anytime-valid one, or there is none.

**Over all looks** at the same runs a verdict that is not true is said of at most 1 in 20, because the level is
shared out before anything is seen:

- The first look has nine tenths of the level. At the planned seeds its tests are the plain ones.
- Whatever is asked afterwards of runs that an earlier verdict rests on is a *later look*, whoever names the sweep:
  more seeds, other pairs, another baseline, fewer of the arms, another margin, several sweeps together. It has a
  share of the tenth that was kept back, and anytime-valid tests, which hold for all looks at once.
- Who has seen the runs can choose what to ask. So a later look is corrected for **all pairs of all arms** that it
  or the looks before it are of, whichever pairs it asks about. Then the choice gives nothing.
- Half of what was kept back is for the arms of the first look; half of the rest for looks after others have joined
  them, half of that rest for looks after still others have, and so on.
- If the first look is not at the planned seeds, no plain test is ever made, and the nine tenths are for the
  anytime-valid ones, at all looks at those arms.

A margin that is chosen later gives nothing either, for the anytime-valid intervals hold for all margins at once. A
*metric* that is chosen later might, and so there are estimates only.

An anytime-valid test holds for a sample that grows: its looks are at more and more of the same runs. Seeds that
leave out some of those that were judged before are no such sample. A second sample for which one went because of
what the first had shown, or the part of the first that looks best, is another try, and with as many tries as one
likes there is always one that succeeds. No level is left for it, and so no verdict is given: estimates only, until
all seeds that were judged are judged together.

Runs that were there when a plan was made could be chosen by what they had shown, without any verdict. Seeds that a
plan takes from an arm's runs, leaving others out, get no verdict; arms that were chosen from those of the home are
judged as a later look is, for all pairs of them all.

The same question, asked again, has the same answer for ever: it is judged by the looks before its first answer.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import comb

from orchestrator.compare.asked import Asked, AskedSweep
from orchestrator.compare.estimates import LEVEL
from orchestrator.store.noted_looks import NotedLook, Question, Runs

KEPT_BACK = LEVEL / 10
"""For all looks after the first."""
PLANNED_LEVEL = round(LEVEL - KEPT_BACK, 12)
"""For the first look."""
NOBODY_KNOWS = "a note of what was planned or looked at was damaged, and what it said is not known"


@dataclass(frozen=True)
class Look:
    """How a verdict on the present runs may be had, if any may."""

    seeds: int
    planned: int
    anytime: bool
    why: str
    """In words, where it is the anytime-valid one; empty otherwise."""
    level: float
    """What the corrected p of a verdict must be under."""
    withheld: str = ""
    """In words, why there may be none on these runs, and with which there may be; empty otherwise."""
    tests: int | None = None
    """For how many pairs the tests are corrected, where it is more than those asked about."""


def judge_look(asked: Asked, looks: Sequence[NotedLook]) -> Look:
    """From what was planned and what was shown, in its order."""
    place = next((place for place, look in enumerate(looks) if look.question == asked.question), len(looks))
    before, shown = _related(asked, looks[:place]), looks[place] if place < len(looks) else None
    first = next((sweep for sweep in asked.sweeps.values() if not sweep.has_its_seeds), None)
    of = first or next(iter(asked.sweeps.values()))
    numbers = len(of.seeds), len(of.planned.seeds)
    arms, joined = _arms_and_joinings([*(look.question for look in before), asked.question])
    pairs = comb(max(arms, _could_be_chosen(asked)), 2)
    if shown is not None and shown.tests is not None:
        pairs = shown.tests
    is_plain = shown is not None and shown.plain
    is_unknown = asked.has_lost_notes and not is_plain
    kept = is_unknown or (bool(before) and (joined > 0 or any(look.plain for look in before)))
    level = round(KEPT_BACK / 2 ** (joined + 1), 12) if kept else PLANNED_LEVEL
    chosen = "" if shown is not None else _other_metric(asked) or _seeds_chosen(asked)
    if withheld := _withheld(asked, before) or chosen:
        return Look(*numbers, True, "", level, withheld=withheld)
    why = "" if is_plain else NOBODY_KNOWS if is_unknown else _why(asked, before, of, pairs)
    if not why and shown is not None and not shown.plain:
        why = "verdicts on these runs were first shown in another sweep, in which other seeds were planned"
    return Look(*numbers, bool(why), why, level, tests=pairs if why else None)


def grown_from(asked: Asked, looks: Sequence[NotedLook]) -> list[NotedLook]:
    """The looks before this one to the same question, when there were fewer runs: what they have shown stands."""
    place = next((place for place, look in enumerate(looks) if look.question == asked.question), len(looks))
    cells = asked.question.cells
    return [look for look in looks[:place] if look.question.cells < cells and _is_grown(look, asked)]


def _related(asked: Asked, looks: Sequence[NotedLook]) -> list[NotedLook]:
    """Those that share runs with this one, directly or through others; and those at other seeds of the sweep."""
    cells, found = set(asked.question.cells), dict[int, NotedLook]()
    while more := {
        place: look
        for place, look in enumerate(looks)
        if place not in found and (_by_name(look, asked) or cells & look.question.cells)
    }:
        found |= more
        cells.update(*(look.question.cells for look in more.values()))
    return [look for _, look in sorted(found.items(), key=lambda item: item[0])]


def _by_name(look: NotedLook, asked: Asked) -> bool:
    """Whether it is at other seeds of a sweep that is asked about."""
    own = asked.sweeps.get(look.sweep)
    return own is not None and not set(look.seeds) & set(own.seeds)


def _arms_and_joinings(questions: Iterable[Question]) -> tuple[int, int]:
    """How many arms they are of, and how often others joined those of the first. Runs in common make one arm."""
    arms: list[Runs] = []
    times = 0
    for question in questions:
        joins = False
        for own in question.arms:
            sharing = [arm for arm in arms if arm & own]
            joins |= not sharing
            arms = [arm for arm in arms if not arm & own] + [own.union(*sharing)]
        times += joins
    return len(arms), times - 1


def _why(asked: Asked, before: Sequence[NotedLook], of: AskedSweep, pairs: int) -> str:
    others = [look for look in before if not _is_grown(look, asked)]
    if others:
        where = list(dict.fromkeys(f"{look.sweep}, {len(look.seeds)} seeds" for look in others))
        where[2:] = [f"{len(where) - 2} more"] if len(where) > 3 else where[2:]
        only_margin = all(_is_grown(look, asked, but_margin=True) for look in others)
        asked_then = "by another margin" if only_margin else "in answer to another question"
        return f"verdicts that rest on some of these runs were shown before, {asked_then} ({'; '.join(where)})"
    if not of.has_its_seeds:
        return _planned_otherwise(of)
    if before:
        shown = dict.fromkeys(str(len(look.seeds)) for look in before)
        return f"a verdict at {' and '.join(shown)} seeds was shown before"
    for sweep in asked.sweeps.values():
        if sweep.margin != sweep.planned.margin:
            was, now = (
                "none" if margin is None else f"{margin:g}" for margin in (sweep.planned.margin, sweep.margin)
            )
            return f"the margin was {was} when the runs were planned, and is {now}"
    there = _could_be_chosen(asked)
    if there and comb(max(there, len(asked.question.arms)), 2) > len(asked.question.pairs):
        return f"what is compared could be chosen from {pairs} pairs of arms on these data and this split"
    trained = max(sweep.planned.arms_trained for sweep in asked.sweeps.values())
    return f"{trained} of the arms had runs already when the seeds were planned" if trained > 1 else ""


def _could_be_chosen(asked: Asked) -> int:
    """From how many arms those that are asked about could be chosen by what they had shown; 0 if from none."""
    cells = asked.question.cells
    return max([asked.arms_there, *(choice.arms or 0 for choice in asked.choices if choice.taken & cells)])


def _other_metric(asked: Asked) -> str:
    """Why a metric that was not planned gets no verdict: it may be the one that looks best."""
    metric = asked.question.metric
    planned = (sweep.planned.metric for sweep in asked.sweeps.values())
    if other := next((each for each in planned if each != metric), ""):
        return _chosen_metric(metric, other, f"{other} was to decide when these runs were planned")
    return ""


def _chosen_metric(metric: str, other: str, because: str) -> str:
    return (
        f"{because}, and {metric} would be a metric that was chosen after they had been seen; decide by {other}, "
        "or train fresh seeds in a sweep of another name"
    )


def _seeds_chosen(asked: Asked) -> str:
    """Why runs that were chosen from more of the same arm get no verdict: they may be those that look best."""
    now = {key for arm in asked.question.arms for key in arm}
    left_out = [
        runs for choice in asked.choices for runs in choice.left_out if runs.keys() & now and not runs.keys() <= now
    ]
    if not left_out:
        return ""
    trained = {seed for runs in left_out for seed in runs.values()}
    taken = {seed for runs in left_out for key, seed in runs.items() if key in now}
    every = trained.union(*(sweep.seeds for sweep in asked.sweeps.values()))
    return (
        f"of the runs that were there when the seeds were planned, at seeds {_said(trained)}, only {_said(taken)} "
        "were taken, and they may be those that looked best; train seeds that no arm has yet in a sweep of another "
        f"name, or take all of them: --set seeds={_asked_for(every)}"
    )


def _is_grown(look: NotedLook, asked: Asked, but_margin: bool = False) -> bool:
    """Whether the present question is the same, of as many runs or more."""
    then, now = look.question, asked.question
    if then.margin != now.margin and not but_margin:
        return False
    into = {arm: [own for own in now.arms if own & arm] for arm in then.arms}
    if any(len(own) != 1 for own in into.values()):
        return False
    return {frozenset(into[arm][0] for arm in pair) for pair in then.pairs} == now.pairs


def _planned_otherwise(sweep: AskedSweep) -> str:
    planned, seeds = sweep.planned.seeds, sweep.seeds
    if len(planned) != len(seeds):
        return f"{len(planned)} seeds were planned at the first run, and {len(seeds)} are judged"
    return f"seeds {_said(planned)} were planned at the first run, and {_said(seeds)} are judged"


def _withheld(asked: Asked, before: Sequence[NotedLook]) -> str:
    metrics = [look.question.metric for look in before]
    if other := next((metric for metric in metrics if metric != asked.question.metric), ""):
        return _chosen_metric(asked.question.metric, other, f"verdicts on these runs were shown by {other}")
    seeds = {seed for sweep in asked.sweeps.values() for seed in sweep.seeds}
    left_out = [look for look in before if _leaves_out(look, asked)]
    if not left_out:
        return ""
    judged = {seed for look in left_out for seed in look.seeds}
    return (
        f"verdicts on seeds {_said(judged)} were shown before, and {_said(seeds)} are not all of these and more; "
        "one on seeds that were chosen after the others had been judged would be another try; go on with all of "
        f"them: --set seeds={_asked_for(judged | seeds)}"
    )


def _asked_for(seeds: Collection[int]) -> str:
    every = sorted(seeds)
    return str(len(every)) if every == list(range(len(every))) else f"[{','.join(map(str, every))}]"


def _leaves_out(look: NotedLook, asked: Asked) -> bool:
    """Whether the present runs of an arm are not all of those that were judged before."""
    return _by_name(look, asked) or any(
        now & then and not then <= now for then in look.question.arms for now in asked.question.arms
    )


def _said(seeds: Collection[int]) -> str:
    """`0 to 4, 7 and 8`"""
    runs: list[list[int]] = []
    for seed in sorted(seeds):
        if runs and seed == runs[-1][-1] + 1:
            runs[-1].append(seed)
        else:
            runs.append([seed])
    parts = [part for run in runs for part in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run))]
    return " and ".join([*([", ".join(parts[:-1])] if parts[1:] else []), parts[-1]])
