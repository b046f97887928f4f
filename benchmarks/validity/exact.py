"""Diverged runs: few enough outcomes to go through all of them, instead of a sample."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from benchmarks.validity.tally import Asked, Question, Share
from orchestrator.compare.statistics.estimates import LEVEL
from orchestrator.compare.statistics.rates import rate, rate_difference

RATES = (0.02, 0.1, 0.5)
"""Shares of runs that diverge."""


def of_divergence(seeds: int) -> Iterator[Share]:
    """Wilson's interval of one arm's rate, and Fisher's test between two arms of one rate."""
    counts = range(seeds + 1)
    wilson = [rate(count, seeds) for count in counts]
    rejects = np.array([[(rate_difference((a, seeds), (b, seeds)).p or 1) < LEVEL for b in counts] for a in counts])
    for true in RATES:
        name = f"{true:.0%} of runs diverge"
        chance = stats.binom.pmf(counts, seeds, true)
        covered = sum(p for p, e in zip(chance, wilson, strict=True) if e and e.interval and true in e.interval)
        yield Share(name, str(seeds), Question(Asked.COVERAGE, "rate of divergence (Wilson)"), covered, 1, True)
        alarms = float(chance @ rejects @ chance)
        question = Question(Asked.FALSE_ALARM, "difference of divergence (Fisher)")
        yield Share(name, str(seeds), question, alarms, 1, True)
