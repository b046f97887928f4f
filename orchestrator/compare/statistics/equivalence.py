"""Are two arms the same within a margin that was named beforehand? Two one-sided tests (Schuirmann, 1987)."""

from dataclasses import dataclass

from orchestrator.compare.statistics.estimates import LEVEL, Estimate, Interval, t_tail


@dataclass(frozen=True)
class Equivalence:
    """The 90 % interval lies inside ± the margin exactly where p < .05."""

    estimate: float
    interval: Interval | None
    n: tuple[int, ...]
    margin: float
    p: float | None
    """The larger of the two; None without variance."""
    method: str


def within_margin(difference: Estimate, margin: float, level: float = LEVEL) -> Equivalence:
    """From any t estimate of a difference. The interval is the one at 1 − 2 × level."""
    assert margin > 0, f"a margin is above 0, not {margin}"
    p = None
    if difference.se and difference.df is not None:
        # The nearer bound is the harder one.
        p = t_tail((margin - abs(difference.estimate)) / difference.se, difference.df)
    interval = difference.interval_at(1 - 2 * level)
    method = f"two one-sided tests, {difference.method}"
    return Equivalence(difference.estimate, interval, difference.n, margin, p, method)
