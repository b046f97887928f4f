"""The p of every test, corrected for the other tests of its family.

One family holds every test of the deciding metric that can yield BETTER or STEADIER; EQUIVALENT has one of its own.
Arms that are one training are one test in each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.compare.judge_spread import spread_p
from orchestrator.compare.measured import Measured, Rules, has_location_test
from orchestrator.compare.rests_on import rests_on
from orchestrator.compare.same_training import Training, contrast, each_once
from orchestrator.compare.statistics.multiplicity import holm
from orchestrator.compare.worst_case import against

Contrast = frozenset[str]
"""The two trainings of a pair."""


@dataclass(frozen=True)
class Corrected:
    """What a pair's tests say in their families; None where it has no such test."""

    difference: float | None
    at_worst: float | None
    """The same with every diverged run counted against the leader: a verdict has to stand in both."""
    equivalence: float | None
    spread: float | None


def corrected(measured: Sequence[Measured], rules: Rules, training: Training) -> list[Corrected]:
    """Of each pair, in their order; all names of a training have what is found of it by one."""
    once = each_once(measured, training)

    def by_contrast(p_of: Callable[[Measured, Rules], float | None]) -> dict[Contrast, float]:
        return {contrast(m, training): p for m in once if (p := p_of(m, rules)) is not None}

    spreads = by_contrast(spread_p)
    differences, steadiness = _holm(by_contrast(_difference_p), spreads, rules)
    at_worst, _ = _holm(by_contrast(_worst_p), spreads, rules)
    equivalences = _equivalences(by_contrast(_equivalence_p), rules)
    return [
        Corrected(
            *(found.get(contrast(m, training)) for found in (differences, at_worst, equivalences, steadiness))
        )
        for m in measured
    ]


def _holm(
    differences: Mapping[Contrast, float], spreads: Mapping[Contrast, float], rules: Rules
) -> tuple[dict[Contrast, float], dict[Contrast, float]]:
    """Of both kinds, which are one family."""
    ps = [*differences.values(), *spreads.values()]
    adjusted = holm(ps, max(rules.look.tests or 0, len(ps)))
    return (
        dict(zip(differences, adjusted[: len(differences)], strict=True)),
        dict(zip(spreads, adjusted[len(differences) :], strict=True)),
    )


def _equivalences(ps: Mapping[Contrast, float], rules: Rules) -> dict[Contrast, float]:
    """By Holm; at a look to which any margin may be brought by Bonferroni, which holds for all margins at once."""
    tests = rules.look.tests
    adjusted = holm(list(ps.values())) if tests is None else [min(1.0, tests * p) for p in ps.values()]
    return dict(zip(ps, adjusted, strict=True))


def _difference_p(m: Measured, rules: Rules) -> float | None:
    return m.numbers.rests_on.p if has_location_test(m) else None


def _equivalence_p(m: Measured, rules: Rules) -> float | None:
    found = m.numbers.equivalence if has_location_test(m) else None
    return None if found is None else found.p


def _worst_p(m: Measured, rules: Rules) -> float | None:
    """1 where the leader would lead no longer."""
    seen = _difference_p(m, rules)
    if seen is None or not (m.samples.a.non_finite or m.samples.b.non_finite):
        return seen
    assert m.evidence is not None
    filled = against(m.samples, rules.metric, m.evidence, m.a_leads(rules.metric))
    if filled is None:
        return 1.0
    found = rests_on(filled, rules.look.anytime).estimate
    still_leads = (found.estimate > 0) == (m.numbers.rests_on.estimate > 0)
    return found.p if found.p is not None and still_leads else 1.0
