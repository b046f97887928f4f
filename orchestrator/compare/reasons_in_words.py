"""The words of `Reasons`: sentences that say no more than the numbers, and nothing that is decided."""

from orchestrator.compare.metric import Metric, percent
from orchestrator.compare.reasons import Effect, Reasons, SameTraining
from orchestrator.compare.statistics.estimates import LEVEL, Estimate
from orchestrator.compare.statistics.power import FEWEST_FOR_A_DIFFERENCE
from orchestrator.compare.verdicts import p_is

WHY = (
    "Both losses are the same function of the log odds, but their heads differ: with cross-entropy the weights of "
    "the log odds are the difference of two rows, which learns twice as fast as one row and starts with √2 times "
    "the spread."
)

OF_ONE_SQUARE = 3
"""Effects."""


def sentences(
    found: Reasons, metric: Metric, complete: bool, is_shown: bool, level: float = LEVEL
) -> tuple[str, ...]:
    """The difference and its parts, then what each effect shows, then the checks. An incomplete grid, fewer seeds
    than a verdict needs, or too many diverged runs give estimates only.

    `is_shown`: whether a verdict says that the two losses differ. `level`: of this look.
    """
    n = len(found.seeds)
    judged = level if complete and n >= FEWEST_FOR_A_DIFFERENCE and not found.failing else None
    said = [WHY, *_difference(found, metric, judged, is_shown)]
    said.append(_effect("The head's rate (× 2, its decay halved)", found.rate, metric, judged))
    said.append(_effect("The head's start (as the difference of two rows)", found.start, metric, judged))
    interaction = "Interaction (what the rate does more after cross-entropy's start)"
    said.append(_effect(interaction, found.interaction, metric, judged))
    if found.remainder is not None:
        said.append(_check("Check, cross-entropy − the head with both", found.remainder, metric, judged))
    if found.twins is not None:
        said.append(
            _check("A/A check, cross-entropy of [0, z] − binary cross-entropy", found.twins, metric, judged)
        )
    said.append(_together(found, judged is not None))
    if n < found.planned:
        said.append(
            f"All of this is over the {n} seeds that every one of these arms has finished, of {found.planned}."
        )
    if found.failing:
        said.append(f"Estimates only: more than 1 in 10 runs diverged or stalled of {'; '.join(found.failing)}.")
    elif complete and judged is None:
        said.append(f"Estimates only: {n} seeds are too few to judge by; {FEWEST_FOR_A_DIFFERENCE} are needed.")
    return tuple(said)


def _together(found: Reasons, is_judged: bool) -> str:
    """For how many tests intervals and p are corrected."""
    if found.tests <= OF_ONE_SQUARE and not found.of_all_pairs:
        said = "The intervals of rate, start and interaction hold all three at once"
        said += ", and their p are corrected for being three" if is_judged else ""
    else:
        of = "all pairs of the arms to choose from" if found.of_all_pairs else "those of all such arms together"
        said = f"The intervals of rate, start and interaction hold at once for {found.tests} tests, {of}"
        said += ", and their p are corrected for as many" if is_judged else ""
    return f"{said}; those of the checks likewise among themselves."


def _difference(found: Reasons, metric: Metric, judged: float | None, is_shown: bool) -> list[str]:
    if found.difference is None or found.remainder is None:
        return []
    whole = f"Cross-entropy − binary cross-entropy: {estimated(found.difference, metric)}."
    parts = [
        f"{metric.said_difference(part.estimate.estimate)} {name}"
        for part, name in (
            (found.rate, "is the head's rate"),
            (found.start, "its start"),
            (found.remainder.effect, "neither"),
        )
    ]
    sum_of_them = f"As estimated, of that {parts[0]}, {parts[1]}, and {parts[2]}."
    if judged is None:
        return [whole, sum_of_them]
    if not is_shown:
        return [f"{whole} No verdict shows a difference, and so none that would need a reason. {sum_of_them}"]
    of_it = [
        _part(*each, found.difference.estimate, judged) for each in (("rate", found.rate), ("start", found.start))
    ]
    return [f"{whole} {sum_of_them} {' '.join(of_it)}"]


def _part(name: str, effect: Effect, difference: Estimate, level: float) -> str:
    if not _is_shown(effect, level):
        return f"That the head's {name} has a part in it is not shown."
    if (effect.estimate.estimate > 0) == (difference.estimate > 0):
        return f"The head's {name} is shown to have a part in it."
    return f"The head's {name} is shown to work against it."


def _effect(what: str, effect: Effect, metric: Metric, judged: float | None) -> str:
    said = f"{what}: {estimated(effect, metric)}"
    return f"{said}." if judged is None else f"{said}{_judgement(effect, judged)}"


def _judgement(effect: Effect, level: float) -> str:
    if effect.p is None:
        return "; without variance there is no p."
    if _is_shown(effect, level):
        return f"; shown (Holm {p_is(effect.p)})."
    return f"; not shown (Holm {p_is(effect.p)})."


def _is_shown(effect: Effect, level: float) -> bool:
    return effect.p is not None and effect.p < level


def _check(what: str, check: SameTraining, metric: Metric, judged: float | None) -> str:
    if check.largest == 0 and check.disagreeing in (None, 0.0):
        return f"{what}: the same in every run, as one training should be."
    if check.is_seen:
        return (
            f"{what}: the same but for rounding in every run, as one training should be "
            f"({metric.said(check.largest)} {metric.unit} at most in a pair)."
        )
    said = f"{what}: {estimated(check.effect, metric)}, {metric.said(check.largest)} at most in a pair"
    if check.disagreeing is not None:
        said += f", another class for {percent(check.disagreeing)} of the items"
    p = check.effect.p
    if judged is None or p is None:
        return f"{said}."
    if p < judged:
        return (
            f"{said}. They are one training but for rounding, and yet lie apart (Holm {p_is(p)}): "
            "something else differs between these arms, or chance has; the effects above are in doubt."
        )
    return f"{said}; more than rounding and chance is not shown (Holm {p_is(p)})."


def estimated(effect: Effect, metric: Metric) -> str:
    """`+0.12 points (95% CI -0.03 to +0.27; n=10 pairs)`"""
    found = effect.estimate
    said = f"{metric.said_difference(found.estimate)} {metric.unit}"
    pairs = f"n={found.n[0]} pairs"
    if effect.interval is None:
        return f"{said} ({pairs})"
    low, high = (metric.said_difference(bound) for bound in (effect.interval.low, effect.interval.high))
    return f"{said} (95% CI {low} to {high}; {pairs})"
