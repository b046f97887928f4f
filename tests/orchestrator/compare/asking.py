"""Questions to arms that are known by their numbers, asked one after another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from made_up_runs import Seeds, seeds_of

from orchestrator.compare.looks.asked import Asked
from orchestrator.compare.looks.look import Look, judge_look
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes
from orchestrator.store.question import Question, Runs

Pair = tuple[int, int]
ONE: list[Pair] = [(1, 0)]
BASELINE, EVERY = [(1, 0), (2, 0)], [(1, 0), (2, 0), (2, 1)]


@dataclass(frozen=True)
class Ask:
    """A question, and what was planned just before it was asked."""

    asked: Asked
    planned: NotedPlan | None
    lost: tuple[Runs | None, ...] = ()
    """Cells of damaged notes."""

    @cached_property
    def question(self) -> Question:
        return self.asked.question


def runs_of(arm: int, seeds: Iterable[int]) -> Runs:
    return frozenset(f"{arm}-{seed}" for seed in seeds)


def question_of(pairs: Iterable[Pair], seeds: Iterable[int], metric: str, margin: float | None) -> Question:
    seeds = tuple(seeds)
    of = (frozenset((runs_of(a, seeds), runs_of(b, seeds))) for a, b in pairs)
    return Question(frozenset(of), metric, margin)


def ask(
    pairs: Iterable[Pair],
    sweep: str = "x",
    seeds: Sequence[int] = range(10),
    metric: str = "nll",
    margin: float | None = None,
    planned: Seeds = 10,
    trained: int = 0,
) -> Ask:
    """Of arms that are known by their numbers; planned for these seeds when so many of them had runs."""
    pairs = list(pairs)
    asked = Asked(question_of(pairs, seeds, metric, margin), {sweep: tuple(seeds)})
    plan = NotedPlan(sweep, seeds_of(planned), question_of(pairs, seeds_of(planned), metric, margin))
    seen = frozenset(key for key in plan.cells if int(key.split("-")[0]) < trained)
    return Ask(asked, replace(plan, seen=seen))


def one_after_another(*asks: Ask) -> list[Look]:
    """How each is judged, all verdicts being shown; who plans what comes next can see what was asked about."""
    plans, shown, seen, found = list[NotedPlan](), list[NotedLook](), Runs(), list[Look]()
    for each in asks:
        if each.planned is not None:
            plans.append(replace(each.planned, seen=each.planned.seen | (each.planned.cells & seen)))
        look = judge_look(each.asked, Notes(tuple(plans), tuple(shown), each.lost))
        found.append(look)
        seen |= each.question.cells
        if not look.withheld:
            shown += each.asked.looks(not look.anytime, look.tests)
    return found


def plan(
    pairs: Iterable[Pair],
    seeds: Sequence[int] = range(10),
    metric: str = "nll",
    margin: float | None = None,
    sweep: str = "x",
    seen: Runs = frozenset(),
) -> NotedPlan:
    question = question_of(pairs, seeds, metric, margin)
    return NotedPlan(sweep, tuple(seeds), question, seen & question.cells)


def judged(asked: Ask, *plans: NotedPlan) -> Look:
    """As the first look, after these were planned."""
    return judge_look(asked.asked, Notes(plans))


def seen(*arms: int, seeds: Iterable[int] = range(10)) -> Runs:
    return frozenset().union(*(runs_of(arm, tuple(seeds)) for arm in arms))


def one_arm(arm: int, seeds: Iterable[int] = range(10)) -> Question:
    return replace(question_of([], seeds, "nll", None), alone=frozenset([runs_of(arm, seeds)]))
