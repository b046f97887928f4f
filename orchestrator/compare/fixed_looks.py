"""The other honest way to look more than once: looks that were fixed beforehand (O'Brien and Fleming, 1979)."""

import math
from dataclasses import dataclass

from scipy import stats

CRITICAL = {1: 1.960, 2: 1.977, 3: 2.004, 4: 2.024, 5: 2.040, 6: 2.053, 7: 2.063, 8: 2.072, 9: 2.080, 10: 2.087}
"""Looks → critical z of the last one, two-sided .05 (Jennison and Turnbull, *Group Sequential Methods*, 2000)."""


@dataclass(frozen=True)
class Look:
    """One of several looks at equal steps."""

    number: int
    z: float
    """What |z| must exceed."""
    p: float
    """What the two-sided p must be under."""


def obrien_fleming(looks: int) -> tuple[Look, ...]:
    """The bounds of each look, strict at first, at a level of .05 over all of them."""
    assert looks in CRITICAL, f"{looks} looks; there are bounds for 1 to {max(CRITICAL)}"
    bounds = [CRITICAL[looks] * math.sqrt(looks / number) for number in range(1, looks + 1)]
    return tuple(Look(number, z, 2 * float(stats.norm.sf(z))) for number, z in enumerate(bounds, 1))
