"""What the runs allow one to say."""

from orchestrator.report.content import Section
from orchestrator.report.material import Material
from orchestrator.report.spoken import headline, spoken

SIGNED = ("NOT SETTLED", "EQUIVALENT")
"""Verdicts whose difference has a sign; BETTER names the winner."""
OF_THE_SIGN = "A difference is the first arm's less the second's."


def section(material: Material) -> Section:
    first = headline(material.outcome)
    sees = "Each sentence in capitals is one of a fixed set. What none of them says has not been shown."
    comparison = material.comparison
    if comparison is not None and any(v.kind in SIGNED for pair in comparison.pairs for v in pair.settled):
        sees = f"{sees} {OF_THE_SIGN}"
    return Section(
        name="verdicts",
        heading="Verdicts",
        sees=f"{first} {sees}" if first and (comparison is None or comparison.is_judged) else sees,
        parts=tuple(spoken(material.outcome)),
        numbers=comparison if comparison is None else comparison.as_json(),
    )
