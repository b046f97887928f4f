"""Why two losses that are one function differ: what of it the head's rate and start make."""

from orchestrator.report import reasons_table
from orchestrator.report.content import Said, Section, Table
from orchestrator.report.material import Material


def section(material: Material) -> Section | None:
    """None where the arms are no 2 × 2 of the head."""
    comparison = material.comparison
    if comparison is None or not comparison.reasons:
        return None
    parts: list[Said | Table] = []
    for found in comparison.reasons:
        title, rows = reasons_table.title(found, comparison), reasons_table.rows(found, comparison)
        parts += [Said("", found.sentences), Table.of(title, reasons_table.COLUMNS, rows, reasons_table.WORDS)]
        if footnotes := reasons_table.footnotes(found, comparison):
            parts.append(Said("", footnotes))
    return Section(
        name="reasons",
        heading="Reasons",
        sees=(
            "The head's rate, its start and what is neither add up to the whole difference; where an interval "
            "reaches over 0, that part is not shown."
        ),
        parts=tuple(parts),
        numbers=None,  # they are among the verdicts'
    )
