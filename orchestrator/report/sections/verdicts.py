"""What the runs allow one to say."""

from orchestrator.report.content import Section
from orchestrator.report.material import Material
from orchestrator.report.spoken import headline, spoken


def section(material: Material) -> Section:
    first = headline(material.outcome)
    sees = "Each sentence in capitals is one of a fixed set. What none of them says has not been shown."
    comparison = material.comparison
    return Section(
        name="verdicts",
        heading="Verdicts",
        sees=f"{first} {sees}" if first and (comparison is None or comparison.is_judged) else sees,
        parts=tuple(spoken(material.outcome)),
        numbers=comparison if comparison is None else comparison.as_json(),
    )
