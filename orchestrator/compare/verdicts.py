"""The words of verdicts: a fixed set of sentences, and nothing that is decided."""

import math

from orchestrator.compare.looks.look import Look
from orchestrator.compare.metric import Metric, in_digits
from orchestrator.compare.statistics.estimates import ROUNDING, Estimate, Interval
from orchestrator.compare.statistics.item_noise import ItemNoise
from orchestrator.compare.statistics.power import MOST_SEEDS


def better(
    winner: str,
    loser: str,
    by: float,
    interval: Interval,
    p: float,
    n: tuple[int, int],
    metric: Metric,
    margin: float | None,
    within: Interval | None,
    scope: str,
    items: int | None = None,
) -> str:
    """`by` and the intervals count in the winner's favour. `within`: the interval that lies inside the margin,
    where one does: what is better is so by less than matters. `items`: how many, where it holds for these alone."""
    said = (
        f"BETTER: {winner} beats {loser} by {metric.said(by)} {metric.unit}{_on(items)} "
        f"(95% CI {_span(interval, metric)}; Holm {p_is(p)}; n={n[0]}/{n[1]} seeds)."
    )
    if margin is not None and within is not None:
        said += f" Smaller than your margin {_margin(margin, metric)} (90% CI {_span(within, metric)})."
    return f"{said} {scope}"


def equivalent(
    margin: float, difference: float, interval: Interval, metric: Metric, items: int | None = None
) -> str:
    """`items`: how many, where it holds for these alone."""
    said = f"{metric.said_difference(difference)} {metric.unit}"
    within = f"EQUIVALENT within ±{_margin(margin, metric)}{_on(items)}"
    return f"{within}: difference {said} (90% CI {_span(interval, metric)})."


def not_settled(difference: float, interval: Interval, metric: Metric, forbids: str = "") -> str:
    """`forbids`: what does, where the numbers would settle it."""
    by = f"{metric.said_difference(difference)} {metric.unit}"
    said = f"NOT SETTLED: difference {by} (95% CI {_span(interval, metric)})"
    return f"{said}; {forbids} forbid to say more." if forbids else f"{said}."


def power_said(
    seeds: int, detectable: float, metric: Metric, margin: float | None, fresh: int | None, grown: int | None
) -> str:
    """Goes on after `not_settled`. `fresh`, `grown`: so many seeds the margin needs in a sweep of its own, and if
    the present one grows; None where no number is enough."""
    found = "no difference, however large," if math.isinf(detectable) else metric.said(detectable)
    said = f" {seeds} seeds can detect {found} at 80% power"
    return f"{said}." if margin is None else f"{said}; {_margin(margin, metric)} needs {needed(fresh, grown)}."


def needed(fresh: int | None, grown: int | None) -> str:
    """`about 48 per arm in a fresh sweep, about 120 if this one grows`"""
    if fresh is None:
        return f"{about(None)} per arm"
    return f"{about(fresh)} per arm in a fresh sweep, {about(grown)} if this one grows"


def about(seeds: int | None) -> str:
    """`about 48`; None where no number is enough."""
    return f"more than {MOST_SEEDS:,}" if seeds is None else f"about {seeds}"


def without_variance(difference: float, metric: Metric) -> str:
    alike = abs(difference) < ROUNDING
    guess = "identical seeds, or one training twice?" if alike else "do the seeds change anything?"
    by = f"{metric.said_difference(difference)} {metric.unit}"
    said = f"NOT SETTLED: difference {by}, the same for every seed: {guess}"
    return f"{said} Without variance there is no p."


def same_training(arm: str, versus: str) -> str:
    return (
        f"SAME TRAINING: with each seed {arm} and {versus} predict the same but for rounding: one training by two "
        "names, and no difference to be judged."
    )


def steadier(
    winner: str,
    loser: str,
    sds: tuple[float, float],
    ratio: Estimate,
    interval: Interval,
    p: float,
    metric: Metric,
    scope: str,
) -> str:
    """All in the winner's order."""
    return (
        f"STEADIER: {winner} varies less than {loser}: {_sds(sds, ratio, interval, metric)}; "
        f"Holm {p_is(p)}; n={ratio.n[0]}/{ratio.n[1]} seeds). {scope}"
    )


def spread_not_settled(sds: tuple[float, float], ratio: Estimate, interval: Interval, metric: Metric) -> str:
    return f"SPREAD NOT SETTLED: {_sds(sds, ratio, interval, metric)})."


def beyond_items(arm: str, noise: ItemNoise, is_beyond: bool, p: float | None, metric: Metric) -> str:
    is_or_not = "is" if is_beyond else "is not"
    test = "Q undefined" if p is None else f"Q, Holm {p_is(p)}"
    return (
        f"{arm}'s spread {is_or_not} shown to be beyond what {noise.items:,} items produce "
        f"(floor {metric.said(noise.floor)}; {test})."
    )


def not_enough_runs(n: tuple[int, int], paired: bool, needed: int, for_spread: int) -> str:
    needs = f"{needed} of each arm, one on spread {for_spread} in a fresh sweep"
    return f"NOT ENOUGH RUNS: {_there(n, paired)}; a verdict needs {needs}."


def not_enough_for_spread(n: tuple[int, int], paired: bool, needed: int) -> str:
    """Said beside a verdict on the difference. Seeds that are added would not help: see `spread_notes`."""
    return (
        f"NOT ENOUGH RUNS for a verdict on spread: {_there(n, paired)}; it needs {needed} of each arm in a fresh "
        "sweep."
    )


def _there(n: tuple[int, int], paired: bool) -> str:
    return f"{n[0]} pair{'s' * (n[0] != 1)}" if paired else f"{n[0]} and {n[1]} runs"


def of_shared_level(kind: str, p: float, look: Look) -> str:
    """Why a p under the level of all looks is not enough at this one."""
    if look.anytime:
        why = "the rest is for what was planned, and for other looks"
    elif look.sharing > 1:
        why = f"{look.sharing} questions to some of these runs were planned together"
    else:
        why = "the rest is kept for what was not planned"
    return (
        f"{kind} is withheld: its p of {p_said(p)} is not under {look.level:.4g}, this look's share of .05; {why}."
    )


def level_is_shared(look: Look) -> str:
    """Why a p must be under less than the level of what was planned."""
    return (
        f"{look.sharing} questions to some of these runs were planned together, and share the level: each p must "
        f"be under {look.level:.4g}."
    )


def p_said(p: float) -> str:
    """Below what rounding leaves of it, only that: no p is 0."""
    return "<1e-15" if p < 1e-15 else f"{p:.2g}"


def p_is(p: float) -> str:
    """`p=0.0057`, `p<1e-15`"""
    said = p_said(p)
    return f"p{said}" if said.startswith("<") else f"p={said}"


def _on(items: int | None) -> str:
    return "" if items is None else f" on these {items:,} items"


def _sds(sds: tuple[float, float], ratio: Estimate, interval: Interval, metric: Metric) -> str:
    """Without its closing parenthesis."""
    return (
        f"sd {metric.said(sds[0])} vs {metric.said(sds[1])}, ratio {in_digits(ratio.estimate)} "
        f"(95% CI {in_digits(interval.low)} to {in_digits(interval.high)}"
    )


def _span(interval: Interval, metric: Metric) -> str:
    return f"{metric.said(interval.low)} to {metric.said(interval.high)}"


def _margin(margin: float, metric: Metric) -> str:
    return f"{margin * metric.scale:g}"
