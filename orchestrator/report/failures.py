"""Two arms of which a run diverged or stalled: does one of them fail more often, and how often does it win?

Exploratory: no correction, and no verdict rests on it.
"""

from orchestrator.compare import Comparison, Metric, PairComparison
from orchestrator.compare.comparison import ArmState
from orchestrator.compare.verdicts import p_is


def failures_said(pair: PairComparison, comparison: Comparison) -> tuple[str, ...]:
    """Nothing where all runs trained, and nothing before all have ended."""
    by_name = {arm.arm: arm for arm in comparison.arms}
    arm, versus = by_name[pair.arm], by_name[pair.versus]
    found = pair.divergence
    if not comparison.is_judged or found is None or found.p is None or not _failed(arm) + _failed(versus):
        return ()
    said = (
        f"{_failed(arm)} of {_ended(arm)} runs of {arm.arm} diverged or stalled{_span(arm)}, "
        f"against {_failed(versus)} of {_ended(versus)} of {versus.arm}{_span(versus)}: "
        f"Fisher {p_is(found.p)}; exploratory."
    )
    return (said,) if pair.numbers is None else (said, _wins_said(pair, Metric.named(comparison.metric)))


def _wins_said(pair: PairComparison, metric: Metric) -> str:
    assert pair.numbers is not None
    wins = pair.numbers.wins
    aside = "exploratory"
    if wins.interval is not None and wins.p is not None:
        low, high = (f"{100 * bound:.0f}" for bound in (wins.interval.low, wins.interval.high))
        aside = f"95% CI {low} to {high}; Brunner–Munzel {p_is(wins.p)}; exploratory"
    return (
        f"Of those with a value, a run of {pair.arm} has a higher {metric.name.replace('_', ' ')} than one of "
        f"{pair.versus} {100 * wins.estimate:.0f} times in 100, ties counted half ({aside})."
    )


def _span(arm: ArmState) -> str:
    """Wilson's, of the rate."""
    if arm.divergence is None or arm.divergence.interval is None:
        return ""
    interval = arm.divergence.interval
    return f" (95% CI {100 * interval.low:.0f} to {100 * interval.high:.0f} in 100)"


def _failed(arm: ArmState) -> int:
    return arm.diverged + arm.stalled


def _ended(arm: ArmState) -> int:
    return arm.n + arm.diverged
