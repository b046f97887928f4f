"""A comparison in words: headings and sentences, the same wherever they are shown."""

from collections import Counter
from collections.abc import Sequence

from orchestrator.compare import Comparison, IdenticalSeedsError, compare
from orchestrator.report.content import Said
from orchestrator.report.failures import failures_said
from orchestrator.results import ResultTable

MOST_WINNERS = 3
"""That are named where there is room for little."""
OF_SPREAD_UNSETTLED = ("SPREAD NOT SETTLED", "NOT ENOUGH RUNS FOR SPREAD")
"""Which would say of every small sweep that it is small."""
Outcome = Comparison | IdenticalSeedsError
"""A comparison, or why there can be none."""


def outcome_of(table: ResultTable) -> Outcome:
    """The comparison; or the fault, for a report has more to show than verdicts."""
    try:
        return compare(table)
    except IdenticalSeedsError as error:
        return error


def spoken(outcome: Outcome) -> Sequence[Said]:
    """Verdicts by pair, then what is to be said of single arms and of all."""
    if isinstance(outcome, IdenticalSeedsError):
        return [Said("No comparison", (str(outcome),))]
    of_all = _of_all_pairs(outcome)
    said = [
        Said(
            f"{pair.arm} against {pair.versus}",
            (
                *(v.sentence for v in (*pair.standing, *pair.verdicts) if v.sentence not in of_all),
                *pair.notes,
                *failures_said(pair, outcome),
            ),
        )
        for pair in outcome.pairs
    ]
    alone = [verdict.sentence for arm in outcome.arms for verdict in (*arm.standing, *arm.verdicts)]
    said += [Said("Spread", (*of_all, *alone)), Said("To be known", outcome.notes)]
    return [part for part in said if part.sentences]


def _of_all_pairs(outcome: Comparison) -> tuple[str, ...]:
    """What would be said of each of several pairs in the same words: that the runs are too few for spread."""
    said = [v.sentence for pair in outcome.pairs for v in pair.verdicts if v.kind == "NOT ENOUGH RUNS FOR SPREAD"]
    return (said[0],) if len(said) > 1 and len(set(said)) == 1 else ()


def headline(outcome: Outcome) -> str:
    """What comes first where there is room for little; empty where the first verdict says it itself."""
    if isinstance(outcome, IdenticalSeedsError):
        return ""
    if not outcome.is_judged:
        return outcome.notes[0]
    if not outcome.pairs:
        return "One arm, and so nothing to compare it with."
    pairs = outcome.contrasts
    said = [verdict for pair in pairs for verdict in pair.settled if verdict.kind not in OF_SPREAD_UNSETTLED]
    kinds = Counter(verdict.kind for verdict in said)
    if len(outcome.pairs) < 2 or not kinds:
        return ""
    counts = [
        f"{count} {kind}{_winners([v.winner for v in said if v.kind == kind and v.winner], outcome.baseline)}"
        for kind, count in kinds.items()
    ]
    alike = len(pairs) < len(outcome.pairs)
    return f"Of {len(pairs)} {'different ' if alike else ''}pair{'s' * (len(pairs) > 1)}: {', '.join(counts)}."


def _winners(won: Sequence[str], baseline: str) -> str:
    """` (loss=b; loss=c)`, ` (loss=b: 2; the baseline, loss=a: 1)`; of many arms, how many."""
    times = Counter(won)
    if not times:
        return ""
    if len(times) > MOST_WINNERS:
        return f" ({len(times)} arms)"
    named = {("the baseline, " if arm == baseline else "") + arm: count for arm, count in times.items()}
    if set(times.values()) == {1} or len(times) == 1:
        return f" ({'; '.join(named)})"
    return f" ({'; '.join(f'{name}: {count}' for name, count in named.items())})"
