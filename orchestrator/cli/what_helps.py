"""What would settle a question that a sweep has left open, as words to be added to its command.

Seeds that are added to a sweep after its verdicts count for less than as many fresh ones in a sweep of another
name. So it is the fresh ones, but where a sweep is so large that fewer need to be added. For a question that is
settled nothing more is to be trained.
"""

import re

from orchestrator.cli.next_steps import Help
from orchestrator.compare import Comparison
from orchestrator.compare.comparison import PairComparison
from orchestrator.compare.seeds_asked import families_of
from orchestrator.compare.statistics.power import FEWEST_FOR_A_DIFFERENCE
from orchestrator.compare.statistics.steadier import FEWEST_FOR_SPREAD
from orchestrator.report import Outcome
from orchestrator.results import ResultTable
from orchestrator.store import SweepStore

MOST_PROPOSED = 100
"""Fresh seeds: whoever needs more has read it in the verdict, and will not copy them from here."""


def what_helps(outcome: Outcome, table: ResultTable) -> Help | None:
    """None where nothing is open, or more seeds would not close it."""
    if not isinstance(outcome, Comparison) or not outcome.is_judged:
        return None
    seeds = len(table.plan["seeds"])
    if not outcome.pairs:
        return None
    if seeds < FEWEST_FOR_A_DIFFERENCE:
        return _fresh(table, FEWEST_FOR_SPREAD, "train fresh seeds, enough for every verdict")
    unsettled = [pair for pair in outcome.pairs if _is_open(pair, outcome)]
    if not unsettled:
        return None
    if outcome.margin is None:
        return _fresh(table, max(2 * seeds, FEWEST_FOR_SPREAD), "train fresh seeds, twice as many")
    ahead = families_of(outcome)
    designs = [pair.numbers.design for pair in unsettled if pair.numbers is not None]
    fresh, grown = (
        [family.seeds_for(outcome.margin, design).to_settle for design in designs]
        for family in (ahead.fresh, ahead.grown)
    )
    most_fresh, most_grown = (max((n or MOST_PROPOSED + seeds + 1) for n in needed) for needed in (fresh, grown))
    is_counted = table.plan["seeds"] == list(range(seeds))
    if is_counted and 0 < most_grown - seeds < most_fresh and most_grown - seeds <= MOST_PROPOSED:
        return Help(words=("--seeds", str(most_grown)), purpose="train as many seeds as the margin needs")
    if most_fresh > MOST_PROPOSED:
        return None
    return _fresh(table, most_fresh, "train as many fresh seeds as the margin needs")


def _is_open(pair: PairComparison, outcome: Comparison) -> bool:
    """Whether more runs may settle it: not what diverged or stalled, nor a difference that is always the same."""
    arms = [arm for arm in outcome.arms if arm.arm in (pair.arm, pair.versus)]
    return (
        any(verdict.kind == "NOT SETTLED" for verdict in pair.settled)
        and not any(arm.diverged or arm.stalled for arm in arms)
        and pair.numbers is not None
        and pair.numbers.design.sd > 0
    )


def _fresh(table: ResultTable, count: int, purpose: str) -> Help:
    """Seeds after all that were planned in the home, of whatever arm: which they are costs nothing."""
    first = 1 + max(table.notes.seeds.union(table.plan["seeds"]))
    seeds = ",".join(str(seed) for seed in range(first, first + count))
    name = next_name(table.name, SweepStore(table.cells.store).names())
    return Help(words=("--set", f"name={name}", "--set", f"seeds=[{seeds}]"), purpose=purpose)


def next_name(name: str, known: list[str]) -> str:
    """`quickstart` → `quickstart_2` → `quickstart_3`; the first that is not known."""
    found = re.fullmatch(r"(.+)_(\d{1,4})", name)
    stem, number = (found[1], int(found[2])) if found else (name, 1)
    return next(other for n in range(number + 1, number + len(known) + 2) if (other := f"{stem}_{n}") not in known)
