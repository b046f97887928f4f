"""How many seeds a sweep's question asks for, at the level that its tests must reach.

A margin asks two things: if the arms differ by it, that BETTER finds it; if they are the same, that EQUIVALENT says
so. A sweep settles its margin, whatever the truth, with seeds enough for both.

How many these are depends on the look. Seeds that are added to a sweep after its verdicts are judged by
anytime-valid tests at what was kept back of the level, and take more of them than a fresh sweep of so many.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb

from orchestrator.compare.comparison import Comparison, PairComparison
from orchestrator.compare.looks.look import KEPT_BACK, PLANNED_LEVEL, Look
from orchestrator.compare.statistics.anytime_power import (
    anytime_detectable,
    anytime_equivalence_power,
    anytime_power,
)
from orchestrator.compare.statistics.power import (
    FEWEST_FOR_A_DIFFERENCE,
    POWER,
    Design,
    detectable,
    equivalence_power,
    fewest_seeds,
    power,
)
from orchestrator.compare.statistics.steadier import FEWEST_FOR_SPREAD

GROWN_LEVEL = round(KEPT_BACK / 2, 12)
"""Of a later look at more seeds of the same arms."""


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


@dataclass(frozen=True)
class Family:
    """The tests that a verdict stands among: by default those of the planned look."""

    pairs: int
    """For which the tests are corrected, if there are any."""
    level: float = PLANNED_LEVEL
    """Of all of them."""
    anytime: bool = False

    @property
    def of_each(self) -> float:
        return self.level / max(1, self.pairs)

    def first_level(self, seeds: int) -> float:
        """What the first test of a difference must reach: at the planned look each pair has, with seeds enough, a
        test of the spread as well."""
        return self.of_each / (2 if seeds >= FEWEST_FOR_SPREAD and not self.anytime else 1)

    def detectable(self, seeds: int, design: Design) -> float:
        """At 80 % power; infinite where no difference is."""
        level = self.first_level(seeds)
        return anytime_detectable(seeds, design, level) if self.anytime else detectable(seeds, design, level=level)

    def seeds_for(self, margin: float, design: Design) -> SeedsAsked:
        """EQUIVALENT has a family of its own."""
        assert margin > 0, f"a margin is above 0, not {margin}"
        finds, rules_out = (
            (anytime_power, anytime_equivalence_power) if self.anytime else (power, equivalence_power)
        )
        few = fewest_seeds(lambda seeds: finds(margin, seeds, design, self.of_each) >= POWER)
        if few is not None and (level := self.first_level(few)) < self.of_each:
            few = fewest_seeds(lambda seeds: finds(margin, seeds, design, level) >= POWER)
        return SeedsAsked(few, fewest_seeds(lambda seeds: rules_out(margin, seeds, design, self.of_each) >= POWER))


@dataclass(frozen=True)
class Families:
    """Of one question, at the looks that may be had."""

    now: Family
    fresh: Family
    """At the planned look of as many fresh seeds, in a sweep of another name."""
    grown: Family
    """Once more seeds have been added to the present ones."""


def families(look: Look, pairs: int, arms: int) -> Families:
    """`pairs`: how many are tested. `arms`: of how many they are; whoever has seen these can choose any two."""
    if look.anytime:
        now = Family(look.tests or pairs, look.level, anytime=True)
        return Families(now, Family(pairs), now)
    grown = PLANNED_LEVEL if look.seeds < FEWEST_FOR_A_DIFFERENCE else GROWN_LEVEL  # a pilot takes none of it
    return Families(Family(pairs, look.level), Family(pairs), Family(comb(arms, 2), grown, anytime=True))


def families_of(comparison: Comparison) -> Families:
    """Of its pairs that have a test: different ones, each once."""
    tested = [pair for pair in comparison.contrasts if pair.numbers is not None and pair.numbers.design.sd > 0]
    return families(comparison.look, len(tested), arms_of(comparison.pairs))


def arms_of(pairs: Iterable[PairComparison]) -> int:
    return len({arm for pair in pairs for arm in (pair.arm, pair.versus)})
