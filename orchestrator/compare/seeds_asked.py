"""How many seeds a sweep's question asks for, at the level that its tests must reach.

A margin asks two things: if the arms differ by it, that BETTER finds it; if they are the same, that EQUIVALENT says
so. A sweep settles its margin, whatever the truth, with seeds enough for both.
"""

from dataclasses import dataclass

from orchestrator.compare.looks import PLANNED_LEVEL
from orchestrator.compare.power import POWER, Design, equivalence_power, fewest_seeds, seeds_needed
from orchestrator.compare.steadier import FEWEST_FOR_SPREAD


@dataclass(frozen=True)
class SeedsAsked:
    """Of each arm, for a power of 80 %; None where no number of seeds has it."""

    to_find: int | None
    """A difference as large as the margin."""
    to_rule_out: int | None
    """So large a difference, where there is none at all."""

    @property
    def to_settle(self) -> int | None:
        """Either."""
        return None if self.to_find is None or self.to_rule_out is None else max(self.to_find, self.to_rule_out)


def first_level(pairs: int, seeds: int) -> float:
    """What the first test of the family that is shown must reach: so many pairs, of which each has a test of the
    difference and, with seeds enough, one of the spread."""
    return PLANNED_LEVEL / max(1, pairs) / (2 if seeds >= FEWEST_FOR_SPREAD else 1)


def seeds_for(margin: float, design: Design, pairs: int) -> SeedsAsked:
    """At the planned look, in a family of so many pairs; EQUIVALENT has a family of its own."""
    same = PLANNED_LEVEL / max(1, pairs)
    few = seeds_needed(margin, design, level=first_level(pairs, 0))
    with_spread = few is not None and few >= FEWEST_FOR_SPREAD
    return SeedsAsked(
        seeds_needed(margin, design, level=first_level(pairs, FEWEST_FOR_SPREAD)) if with_spread else few,
        fewest_seeds(lambda seeds: equivalence_power(margin, seeds, design, same) >= POWER),
    )
