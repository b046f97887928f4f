"""The report as content: title, description and sections, from which every form of it is rendered."""

from dataclasses import dataclass
from typing import Any

from orchestrator.report.content import Picture, Section
from orchestrator.report.material import Material
from orchestrator.report.sections import SECTIONS
from orchestrator.report.spoken import Outcome
from orchestrator.results import ResultTable


@dataclass(frozen=True, eq=False)
class Report:
    """All that the report of a sweep says. Nothing is drawn yet."""

    material: Material
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        return self.material.table.name

    @property
    def description(self) -> str:
        """As the sweep file has it."""
        said: str = self.material.table.plan["description"]
        return said

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(picture for section in self.sections for picture in section.pictures)

    def section(self, name: str) -> Section | None:
        return next((section for section in self.sections if section.name == name), None)

    def numbers(self) -> dict[str, Any]:
        """What the sections were computed to, by section."""
        return {section.name: section.numbers for section in self.sections if section.numbers is not None}


def compose(table: ResultTable, outcome: Outcome | None = None) -> Report:
    """The report of a sweep, whatever has become of its cells. `outcome`: where it is at hand already."""
    material = Material.of(table, outcome)
    found = [make(material) for make in SECTIONS]
    return Report(material, tuple(section for section in found if section is not None))
