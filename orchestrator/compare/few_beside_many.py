"""Arms of which one has far more runs than the other, as arms of several sweeps may: no verdict is given on them.

Of as many runs each, skewed laws cancel in a difference. Of few runs beside many they do not: what is unusual in
the few decides, and BETTER would be said of nothing up to twice as often as it may be (docs/validity.md).
"""

from orchestrator.compare.samples import Samples

MOST_TIMES = 1.5
"""As many runs."""


def too_unequal_said(samples: Samples) -> str:
    """How many runs each arm has; empty where neither has too many beside the other."""
    few, many = sorted((samples.seeds_a, samples.seeds_b), key=len)
    if len(many) <= MOST_TIMES * len(few):
        return ""
    names = (samples.arm, samples.versus)
    few_of, many_of = names if few is samples.seeds_a else names[::-1]
    return (
        f"{many_of} has {len(many)} runs and {few_of} {len(few)}; beside more than {MOST_TIMES:g} times as many, "
        "one unusual run among few decides too much"
    )
