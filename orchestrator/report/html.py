"""The report as one page of HTML: nothing is loaded from anywhere, and its figures are in it."""

import re
from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from orchestrator.environment import versions
from orchestrator.report.composition import Report
from orchestrator.report.content import Part, Picture, Said, Table
from orchestrator.report.figures.style import BREAKS
from orchestrator.report.spoken import headline

LONGEST_IN_A_COLUMN, LONGEST_IN_A_LINE = 12, 28
"""Letters of a word that has room in a phone's narrow columns, and in its lines."""
OPENING = re.compile(r"(?:^|(?<==))\(")
"""A parenthesis that no line is to end with: it belongs to what follows."""


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


def breakable(text: str) -> Markup:
    """Names too long for their place may be broken where their parts meet, as in the figures; copied, they are
    whole."""
    return Markup(" ").join(_breakable(word) for word in text.split(" "))


def _breakable(word: str) -> Markup:
    if len(word) <= LONGEST_IN_A_COLUMN:
        return escape(word)
    parts = [part.replace("\0", "(") for part in BREAKS.split(OPENING.sub("\0", word)) if part]
    tag = "<wbr>" if len(word) > LONGEST_IN_A_LINE else '<wbr class="tight">'
    return Markup(tag).join(escape(part) for part in parts)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("orchestrator.report", "page"),
        autoescape=True,  # an arm may be called anything
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = breakable
    return environment.get_template("report.html.j2")
