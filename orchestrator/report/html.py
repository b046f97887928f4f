"""The report as one page of HTML: nothing is loaded from anywhere, and its figures are in it."""

from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from orchestrator.environment import versions
from orchestrator.report.composition import Report
from orchestrator.report.content import Part, Picture, Said, Table
from orchestrator.report.spoken import headline


def html(report: Report, figures: Mapping[str, str]) -> str:
    """`figures`: an `<svg>` element for the stem of each picture."""
    return _template().render(
        report=report,
        headline=headline(report.material.outcome),
        figures={stem: Markup(figure) for stem, figure in figures.items()},
        version=versions()["seedwise"],
        kind=_kind,
    )


def _kind(part: Part) -> str:
    return {Said: "said", Table: "table", Picture: "picture"}[type(part)]


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("orchestrator.report", "page"),
        autoescape=True,  # an arm may be called anything
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
