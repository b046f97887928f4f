"""Is this what was planned? Any other verdict on the same runs is an anytime-valid one, or there is none.

**Over all looks** at the same runs a verdict that is not true is said of at most 1 in 20, because the level is
shared out before anything is seen:

- What was planned beforehand has nine tenths of the level, and the plain tests, whatever else was asked before.
  Several questions that were planned beforehand of the same runs share it equally.
- Whatever else is asked of runs that were planned is a *later look*, whoever names the sweep and whether or not
  verdicts on what was planned were shown: more seeds, other pairs, another baseline, fewer of the arms, another
  margin, several sweeps together, cells that have been tried again. It has a share of the tenth that is kept back,
  and anytime-valid tests, which hold for all looks at once.
- Who has seen the runs can choose what to ask. So a later look is corrected for **all pairs of all arms** that it,
  what was planned, or the looks before it are of, whichever pairs it asks about. Then the choice gives nothing.
- Half of what is kept back is for the arms that were planned together; half of the rest for looks after others
  have joined them, half of that rest for looks after still others have, and so on. Cells that have been tried
  again are another sample, and take a half likewise.
- Where fewer seeds were planned than any verdict needs, as for a pilot, no plain test is ever made, and the nine
  tenths are for the anytime-valid ones, at all looks at those arms.
- Arms that were planned each by itself are held against each other as planned, if these are all pairs of all that
  there are and nothing else was asked of any two of them before.

A margin that is chosen later gives nothing either, for the anytime-valid intervals hold for all margins at once.
What was planned is told by the plans of the cells (`planned.py`), and why there is no verdict by `withheld.py`.

The same question, asked again, has the same answer for ever: it is judged by the looks before its first answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb

from orchestrator.compare.looks.asked import Asked
from orchestrator.compare.looks.planned import Planned
from orchestrator.compare.looks.why_anytime import NOBODY_KNOWS, why_anytime
from orchestrator.compare.looks.withheld import chosen_by_results, tried_before
from orchestrator.compare.statistics.estimates import LEVEL
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.notes import Notes
from orchestrator.store.question import Question, Runs

KEPT_BACK = LEVEL / 10
"""For all that was not planned beforehand."""
PLANNED_LEVEL = round(LEVEL - KEPT_BACK, 12)
"""For what was."""


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
    sharing: int = 1
    """How many questions that were planned together share the level."""
    earlier: int = 0
    """Looks before it that are known, at these runs or at others of their arms."""
    standing: int = 0
    """Of these, the looks whose verdicts stand: none of their runs has been tried again since."""


def judge_look(asked: Asked, notes: Notes) -> Look:
    """From what was planned and what was shown, in its order."""
    question, planned = asked.question, Planned(asked, notes)
    place = _place(question, notes.looks)
    shown, numbers = next(iter(notes.looks[place:]), None), _numbers(asked, planned)
    if shown is not None and shown.plain:
        return _as_planned(numbers, shown.sharing)
    is_unknown = notes.may_lack(question.cells)
    before = _related(asked, planned, notes.looks[:place])
    is_planned = planned.sharing or (planned.apart and not any(look.question.pairs for look in before))
    if is_planned and not is_unknown and not asked.at_other_seeds:
        return _as_planned(numbers, max(planned.sharing, 1))
    arms, joinings = _arms_and_joinings(planned.questions, [*(look.question for look in before), question])
    is_kept = is_unknown or joinings > 0 or not planned.is_pilot
    level = round(KEPT_BACK / 2 ** (joinings + 1), 12) if is_kept else PLANNED_LEVEL
    withheld = tried_before(asked, before) or ("" if shown is not None else chosen_by_results(planned))
    if withheld:
        return Look(*numbers, True, "", level, withheld=withheld)
    pairs = comb(max(arms, planned.arms_there), 2)
    if shown is not None and shown.tests is not None:
        pairs = shown.tests
    why = NOBODY_KNOWS if is_unknown else why_anytime(planned, before, pairs)
    standing = sum(not question.is_at_other_tries(look.question) for look in before)
    return Look(*numbers, True, why, level, tests=pairs, earlier=len(before), standing=standing)


def _as_planned(numbers: tuple[int, int], sharing: int) -> Look:
    return Look(*numbers, False, "", round(PLANNED_LEVEL / sharing, 12), sharing=sharing)


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


def _related(asked: Asked, planned: Planned, looks: Sequence[NotedLook]) -> list[NotedLook]:
    """Those that share runs with this one or with what was planned together, directly or through others; and those
    at the same arms on other seeds of the sweep."""
    found = dict[int, NotedLook]()
    cells = asked.question.cells.union(*(plan.cells for group in planned.together for plan in group))
    while more := {
        place: look
        for place, look in enumerate(looks)
        if place not in found and (look in asked.at_other_seeds or cells & look.question.cells)
    }:
        found |= more
        cells = cells.union(*(look.question.cells for look in more.values()))
    return [look for _, look in sorted(found.items(), key=lambda item: item[0])]


def _arms_and_joinings(planned: Sequence[Iterable[Question]], asked: Iterable[Question]) -> tuple[int, int]:
    """How many arms they are of, and how often others, or runs that had been tried again, joined those that were
    first held against each other. An arm that was planned by itself has been held against none."""
    arms, outcomes, times = list[Runs](), set[tuple[str, int]](), 0
    for questions in (*planned, *([question] for question in asked)):
        own = [arm for question in questions for arm in question.arms if question.pairs]
        others = any(not any(arm & known for known in arms) for arm in own)
        of_these = {outcome for question in questions for outcome in question.outcomes if question.pairs}
        again = {key for key, _ in of_these - outcomes} & {key for key, _ in outcomes}
        times += others or bool(again)
        for arm in own:
            arms = joined(arms, arm)
        outcomes |= of_these
    return len(arms), max(times - 1, 0)


def joined(arms: Iterable[Runs], own: Runs) -> list[Runs]:
    """With one more, which is one with those that it shares runs with."""
    arms = list(arms)
    return [arm for arm in arms if not arm & own] + [own.union(*(arm for arm in arms if arm & own))]
