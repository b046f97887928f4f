"""Questions to arms that are known by their numbers, asked one after another."""

from collections.abc import Iterable, Sequence

from made_up_runs import Seeds, seeds_of

from orchestrator.compare.asked import Asked, AskedSweep
from orchestrator.compare.looks import Look, judge_look
from orchestrator.store.noted_looks import NotedLook, Question
from orchestrator.store.noted_plans import NotedPlan

Pair = tuple[int, int]
BASELINE, EVERY = [(1, 0), (2, 0)], [(1, 0), (2, 0), (2, 1)]


def ask(
    pairs: Iterable[Pair],
    sweep: str = "x",
    seeds: Sequence[int] = range(10),
    metric: str = "nll",
    margin: float | None = None,
    planned: Seeds = 10,
    trained: int = 0,
    decided_first: str = "",
) -> Asked:
    """Of arms that are known by their numbers."""
    runs = [frozenset(f"{arm}-{seed}" for seed in seeds) for arm in range(9)]
    question = Question(frozenset(frozenset((runs[a], runs[b])) for a, b in pairs), metric, margin)
    noted = NotedPlan(seeds_of(planned), decided_first or metric, margin, frozenset(), trained)
    return Asked(question, {sweep: AskedSweep(tuple(seeds), margin, noted)})


def one_after_another(*asks: Asked) -> list[Look]:
    """How each is judged, all verdicts being shown."""
    shown, found = list[NotedLook](), list[Look]()
    for each in asks:
        look = judge_look(each, shown)
        found.append(look)
        if not look.withheld:
            shown += each.looks(not look.anytime, look.tests)
    return found
