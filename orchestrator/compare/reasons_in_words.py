"""The words of `Reasons`: sentences that say no more than the numbers, and nothing that is decided."""

from orchestrator.compare.estimates import LEVEL, Estimate
from orchestrator.compare.judge import FEWEST_FOR_A_DIFFERENCE
from orchestrator.compare.metric import Metric
from orchestrator.compare.reasons import Effect, Reasons, SameTraining
from orchestrator.compare.verdicts import p_said

WHY = (
    "Both losses are the same function of the log odds, but their heads differ: with cross-entropy the weights of "
    "the log odds are the difference of two rows, which learns twice as fast as one row and starts with √2 times "
    "the spread."
)


def sentences(found: Reasons, metric: Metric, complete: bool, is_shown: bool) -> tuple[str, ...]:
    """The difference and its parts, then what each effect shows, then the checks. An incomplete grid, fewer seeds
    than a verdict needs, or too many diverged runs give estimates only.

    `is_shown`: whether a verdict says that the two losses differ.
    """
    n = len(found.seeds)
    judged = complete and n >= FEWEST_FOR_A_DIFFERENCE and not found.failing
    said = [WHY, *_difference(found, metric, judged, is_shown)]
    said.append(_effect("The head's rate (× 2, its decay halved)", found.rate, metric, judged))
    said.append(_effect("The head's start (as the difference of two rows)", found.start, metric, judged))
    said.append(_interaction(found.interaction, metric, judged))
    if found.remainder is not None:
        said.append(_check("Check, cross-entropy − the head with both", found.remainder, metric, judged))
    if found.twins is not None:
        said.append(
            _check("A/A check, cross-entropy of [0, z] − binary cross-entropy", found.twins, metric, judged)
        )
    if n < found.planned:
        said.append(
            f"All of this is over the {n} seeds that every one of these arms has finished, of {found.planned}."
        )
    if found.failing:
        said.append(f"Estimates only: more than 1 in 10 runs diverged or stalled of {'; '.join(found.failing)}.")
    elif complete and not judged:
        said.append(f"Estimates only: {n} seeds are too few to judge by; {FEWEST_FOR_A_DIFFERENCE} are needed.")
    return tuple(said)


def _difference(found: Reasons, metric: Metric, judged: bool, is_shown: bool) -> list[str]:
    if found.difference is None or found.remainder is None:
        return []
    whole = f"Cross-entropy − binary cross-entropy: {estimated(found.difference, metric)}."
    parts = [
        f"{metric.said_difference(part.estimate)} {name}"
        for part, name in (
            (found.rate.estimate, "is the head's rate"),
            (found.start.estimate, "its start"),
            (found.remainder.estimate, "neither"),
        )
    ]
    sum_of_them = f"As estimated, of that {parts[0]}, {parts[1]}, and {parts[2]}."
    if not judged:
        return [whole, sum_of_them]
    if not is_shown:
        return [f"{whole} No verdict shows a difference, and so none that would need a reason. {sum_of_them}"]
    of_it = [_part(*each, found.difference) for each in (("rate", found.rate), ("start", found.start))]
    return [f"{whole} {sum_of_them} {' '.join(of_it)}"]


def _part(name: str, effect: Effect, difference: Estimate) -> str:
    if not _is_shown(effect):
        return f"That the head's {name} has a part in it is not shown."
    if (effect.estimate.estimate > 0) == (difference.estimate > 0):
        return f"The head's {name} is shown to have a part in it."
    return f"The head's {name} is shown to work against it."


def _effect(what: str, effect: Effect, metric: Metric, judged: bool) -> str:
    said = f"{what}: {estimated(effect.estimate, metric)}"
    return f"{said}{_judgement(effect) if judged else '.'}"


def _interaction(effect: Effect, metric: Metric, judged: bool) -> str:
    said = (
        f"Interaction (what the rate does more after cross-entropy's start): {estimated(effect.estimate, metric)}"
    )
    return f"{said}{_judgement(effect) if judged else '.'}"


def _judgement(effect: Effect) -> str:
    if effect.p is None:
        return "; without variance there is no p."
    if _is_shown(effect):
        return f"; shown (Holm p={p_said(effect.p)})."
    return f"; not shown (Holm p={p_said(effect.p)})."


def _is_shown(effect: Effect) -> bool:
    return effect.p is not None and effect.p < LEVEL


def _check(what: str, check: SameTraining, metric: Metric, judged: bool) -> str:
    if check.largest == 0 and check.disagreeing in (None, 0.0):
        return f"{what}: the same in every run, as one training should be."
    said = f"{what}: {estimated(check.estimate, metric)}, {metric.said(check.largest)} at most in a pair"
    if check.disagreeing is not None:
        said += f", another class for {100 * check.disagreeing:.2f}% of the items"
    if not judged or check.p is None:
        return f"{said}."
    if check.p < LEVEL:
        return (
            f"{said}. They are one training but for rounding, and yet lie apart (Holm p={p_said(check.p)}): "
            "something else differs between these arms, or chance has; the effects above are in doubt."
        )
    return f"{said}; more than rounding and chance is not shown (Holm p={p_said(check.p)})."


def estimated(found: Estimate, metric: Metric) -> str:
    """`+0.12 points (95% CI -0.03 to +0.27; n=10 pairs)`"""
    said = f"{metric.said_difference(found.estimate)} {metric.unit}"
    pairs = f"n={found.n[0]} pairs"
    if found.interval is None:
        return f"{said} ({pairs})"
    low, high = (metric.said_difference(bound) for bound in (found.interval.low, found.interval.high))
    return f"{said} (95% CI {low} to {high}; {pairs})"
