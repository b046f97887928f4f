"""How often a run diverges: a share with its interval, and whether two arms differ in it."""

from scipy import stats

from orchestrator.compare.statistics.estimates import CONFIDENCE, Estimate, Interval


def rate(count: int, runs: int, confidence: float = CONFIDENCE) -> Estimate | None:
    """A share of runs with Wilson's interval (1927), which is sound at 0 and at 1; None of no runs."""
    assert 0 <= count <= runs, f"{count} of {runs}"
    if runs == 0:
        return None
    bounds = stats.binomtest(count, runs).proportion_ci(confidence, method="wilson")
    return Estimate(count / runs, Interval(float(bounds.low), float(bounds.high), confidence), (runs,), "Wilson")


def rate_difference(a: tuple[int, int], b: tuple[int, int]) -> Estimate:
    """Of (count, runs) each: the difference of shares, with Fisher's exact p; it has no interval."""
    table = [[count, runs - count] for count, runs in (a, b)]
    p = float(stats.fisher_exact(table).pvalue)
    return Estimate(a[0] / a[1] - b[0] / b[1], None, (a[1], b[1]), "Fisher's exact test", p)
