"""Is this the look that was planned? A verdict on any other seeds must be the anytime-valid one, or there is none.

**Over all looks** at a sweep a verdict that is not true is said of at most 1 in 20, because the level is shared out
before anything is seen:

- Where the first look is the planned one, its plain tests have nine tenths of the level, and all looks after it
  together the tenth that was kept back. Whatever the looks have to do with one another, the chance that any of them
  errs is at most the sum: .045 + .005. With the whole level at the planned look nothing would be left for a sweep
  that grows afterwards, and it would err at each later look on top (docs/validity.md).
- Where the first look is another one, no plain test is ever made, and the anytime-valid tests have the whole level:
  it holds for all looks at once.

Which of the two it is, the seeds of the first look settle, and no later look changes it.

An anytime-valid test holds for a sample that grows: its looks are at more and more of the same runs. Seeds that
leave out some of those that were judged before are no such sample. A second sample for which one went because of
what the first had shown, or the part of the first that looks best, is another try, and with as many tries as one
likes there is always one that succeeds. No level is left for it, and so no verdict is given: estimates only, until
all seeds that were judged are judged together.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from orchestrator.compare.estimates import LEVEL
from orchestrator.store.noted_seeds import NotedSeeds, are

KEPT_BACK = LEVEL / 10
"""For all looks after the planned one."""
PLANNED_LEVEL = round(LEVEL - KEPT_BACK, 12)
"""For the planned look, if it is the first."""


@dataclass(frozen=True)
class Look:
    """How a verdict on the present seeds may be had, if any may."""

    seeds: int
    planned: int
    anytime: bool
    why: str
    """In words, where it is the anytime-valid one; empty otherwise."""
    level: float
    """What the corrected p of a verdict must be under."""
    withheld: str = ""
    """In words, why there may be none on these seeds, and with which there may be; empty otherwise."""


def judge_look(seeds: Collection[int], planned: NotedSeeds, looks: Sequence[NotedSeeds]) -> Look:
    """The plain verdict belongs to the planned seeds, unless one on other seeds was shown before it.

    A look of which only the number of its seeds was noted counts by that number, and as contained in these seeds.
    """
    before = looks[: next((place for place, look in enumerate(looks) if are(look, seeds)), len(looks))]
    numbers = len(seeds), _number(planned)
    planned_came_first = bool(looks) and _same(looks[0], planned)
    level = KEPT_BACK if planned_came_first else LEVEL
    if not all(_within(look, seeds) for look in before):
        return Look(*numbers, True, "", level, withheld=_withheld(seeds, before))
    if not are(planned, seeds):
        return Look(*numbers, True, _planned_otherwise(seeds, planned), level)
    if before:
        shown = dict.fromkeys(str(_number(look)) for look in before)
        return Look(*numbers, True, f"a verdict at {' and '.join(shown)} seeds was shown before", LEVEL)
    return Look(*numbers, False, "", PLANNED_LEVEL)


def _number(noted: NotedSeeds) -> int:
    return noted if isinstance(noted, int) else len(noted)


def _same(noted: NotedSeeds, other: NotedSeeds) -> bool:
    return _number(noted) == other if isinstance(other, int) else are(noted, other)


def _within(noted: NotedSeeds, seeds: Collection[int]) -> bool:
    return isinstance(noted, int) or set(noted) <= set(seeds)


def _planned_otherwise(seeds: Collection[int], planned: NotedSeeds) -> str:
    if isinstance(planned, int) or len(planned) != len(seeds):
        return f"{_number(planned)} seeds were planned at the first run, and {len(seeds)} are judged"
    return f"seeds {_said(planned)} were planned at the first run, and {_said(seeds)} are judged"


def _withheld(seeds: Collection[int], before: Sequence[NotedSeeds]) -> str:
    judged = {seed for look in before if not isinstance(look, int) for seed in look}
    every = sorted(judged | set(seeds))
    asked = len(every) if every == list(range(len(every))) else f"[{','.join(map(str, every))}]"
    return (
        f"verdicts on seeds {_said(judged)} were shown before, and {_said(seeds)} are not all of these and more; "
        "one on seeds that were chosen after the others had been judged would be another try; go on with all of "
        f"them: --set seeds={asked}"
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
