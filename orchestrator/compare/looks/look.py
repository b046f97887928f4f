"""Is this the look that was planned? Any other verdict on the same runs is an anytime-valid one, or there is none.

**Over all looks** at the same runs a verdict that is not true is said of at most 1 in 20, because the level is
shared out before anything is seen:

- The first look has nine tenths of the level. At the planned seeds its tests are the plain ones.
- Whatever is asked afterwards of runs that an earlier verdict rests on is a *later look*, whoever names the sweep:
  more seeds, other pairs, another baseline, fewer of the arms, another margin, several sweeps together, cells that
  have been tried again. It has a share of the tenth that was kept back, and anytime-valid tests, which hold for
  all looks at once.
- Who has seen the runs can choose what to ask. So a later look is corrected for **all pairs of all arms** that it
  or the looks before it are of, whichever pairs it asks about. Then the choice gives nothing.
- Half of what was kept back is for the arms of the first look; half of the rest for looks after others have joined
  them, half of that rest for looks after still others have, and so on. Cells that have been tried again are another
  sample, and take a half likewise.
- If the first look is not at the planned seeds, no plain test is ever made, and the nine tenths are for the
  anytime-valid ones, at all looks at those arms.

A margin that is chosen later gives nothing either, for the anytime-valid intervals hold for all margins at once.
What was planned is told by the cells' own plans (`planned.py`), and why there is no verdict by `withheld.py`.

The same question, asked again, has the same answer for ever: it is judged by the looks before its first answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb

from orchestrator.compare.looks.asked import Asked
from orchestrator.compare.looks.planned import Planned, joined
from orchestrator.compare.looks.why_anytime import why_anytime
from orchestrator.compare.looks.withheld import chosen_by_results, tried_before
from orchestrator.compare.statistics.estimates import LEVEL
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.notes import Notes
from orchestrator.store.question import Question, Runs

KEPT_BACK = LEVEL / 10
"""For all looks after the first."""
PLANNED_LEVEL = round(LEVEL - KEPT_BACK, 12)
"""For the first look."""
NOBODY_KNOWS = "a note of what was planned or looked at was damaged, and what it said is not known"
ANYTIME_AT_FIRST = "verdicts on these runs were anytime-valid ones when they were first shown"


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


def judge_look(asked: Asked, notes: Notes) -> Look:
    """From what was planned and what was shown, in its order."""
    question, planned = asked.question, Planned(asked, notes)
    place = _place(question, notes.looks)
    before, shown = _related(asked, notes.looks[:place]), next(iter(notes.looks[place:]), None)
    arms, joinings = _arms_and_joinings([*(look.question for look in before), question])
    pairs = comb(max(arms, planned.arms_to_choose_from), 2)
    if shown is not None and shown.tests is not None:
        pairs = shown.tests
    is_plain = shown is not None and shown.plain
    is_unknown = notes.may_have_lost(question.cells) and not is_plain
    kept = is_unknown or (bool(before) and (joinings > 0 or any(look.plain for look in before)))
    level = round(KEPT_BACK / 2 ** (joinings + 1), 12) if kept else PLANNED_LEVEL
    numbers = _numbers(asked, planned)
    withheld = tried_before(asked, before)
    if withheld := withheld or ("" if shown is not None else chosen_by_results(planned)):
        return Look(*numbers, True, "", level, withheld=withheld)
    why = "" if is_plain else NOBODY_KNOWS if is_unknown else why_anytime(planned, before, pairs)
    if not why and shown is not None and not shown.plain:
        why = ANYTIME_AT_FIRST
    return Look(*numbers, bool(why), why, level, tests=pairs if why else None)


def grown_from(asked: Asked, looks: Sequence[NotedLook]) -> list[NotedLook]:
    """The looks before this one to the same question, at whatever margin, of fewer runs or as many: what they have
    shown stands."""
    cells = asked.question.cells
    before = looks[: _place(asked.question, looks)]
    return [
        look for look in before if look.question.cells <= cells and asked.question.has_grown_from(look.question)
    ]


def _place(question: Question, looks: Sequence[NotedLook]) -> int:
    """Of its first answer; where it has none, after all others."""
    return next((place for place, look in enumerate(looks) if look.question == question), len(looks))


def _numbers(asked: Asked, planned: Planned) -> tuple[int, int]:
    """Of seeds: that are judged, and that were planned."""
    if planned.otherwise is None:
        now = len(next(iter(asked.sweeps.values())))
        return now, now
    return len(planned.seeds_now), len(planned.otherwise.seeds)


def _related(asked: Asked, looks: Sequence[NotedLook]) -> list[NotedLook]:
    """Those that share runs with this one, directly or through others; and those at the same arms on other
    seeds of the sweep."""
    cells, found = set(asked.question.cells), dict[int, NotedLook]()
    while more := {
        place: look
        for place, look in enumerate(looks)
        if place not in found and (look in asked.at_other_seeds or cells & look.question.cells)
    }:
        found |= more
        cells.update(*(look.question.cells for look in more.values()))
    return [look for _, look in sorted(found.items(), key=lambda item: item[0])]


def _arms_and_joinings(questions: Iterable[Question]) -> tuple[int, int]:
    """How many arms they are of, and how often others, or runs that had been tried again, joined those of the
    first."""
    arms, outcomes, times = list[Runs](), set[tuple[str, int]](), 0
    for question in questions:
        others = any(not any(arm & known for known in arms) for arm in question.arms)
        again = {key for key, _ in question.outcomes - outcomes} & {key for key, _ in outcomes}
        times += others or bool(again)
        for arm in question.arms:
            arms = joined(arms, arm)
        outcomes |= question.outcomes
    return len(arms), times - 1
