"""The report as Markdown: for a pull request, and cut short for the description of MLflow's run.

Both GitHub's reader and MLflow's must show a name as it is, so what they would take for markup is escaped by the
means that both know.
"""

import re

from orchestrator.report.composition import Report
from orchestrator.report.content import Part, Picture, Said, Section, Table
from orchestrator.report.spoken import headline, spoken

ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "|": "&#124;"}
"""GitHub reads `$…$` as a formula, and MLflow's reader knows no backslash before these."""
SIGNS = re.compile(r"[\\`*~\[\]]|(?<!\w)_|_(?!\w)")
"""An underscore within a word is none of markup."""
PAGE = "report.html"


def markdown(report: Report) -> str:
    """The whole page; its figures are linked from `figures/` beside it."""
    parts = [f"# {plain(report.title)}", plain(report.description)]
    parts.append(f"*In one file with its figures, for a browser: {PAGE}, beside this one.*")
    parts += [_section(section) for section in report.sections]
    return "\n\n".join(part for part in parts if part) + "\n"


def note(report: Report) -> str:
    """What MLflow shows over the runs: the verdict in the first line, for it folds the rest away; no figures."""
    first = headline(report.material.outcome)
    parts = [f"**{plain(first)}**"] if first else []
    for said in spoken(report.material.outcome):
        fresh = [sentence for sentence in said.sentences if sentence != first]
        if fresh:
            parts.append(f"**{plain(said.heading)}**: {plain(fresh[0])}")
            parts.append("\n".join(f"- {plain(sentence)}" for sentence in fresh[1:]))
    arms = report.section("arms")
    if arms is not None:
        parts += [_part(part) for part in arms.parts if isinstance(part, Table)][:2]
    run = plain(report.title)
    parts.append(f"The whole report, with its figures, is under *Artifacts* of the run {run}: report/{PAGE}.")
    parts.append(plain(report.description))
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """Names of arms may hold what Markdown would take for markup."""
    escaped = SIGNS.sub(lambda sign: f"\\{sign.group()}", text)
    return "".join(ENTITIES.get(sign, sign) for sign in escaped)


def _section(section: Section) -> str:
    parts = [f"## {plain(section.heading)}", plain(section.sees), *map(_part, section.parts)]
    return "\n\n".join(part for part in parts if part)


def _part(part: Part) -> str:
    if isinstance(part, Picture):
        return f"![{plain(part.stem.replace('_', ' '))}](figures/{part.stem}.svg)\n\n{plain(part.sees)}"
    if isinstance(part, Said):
        heading = [f"**{plain(part.heading)}**"] if part.heading else []
        return "\n\n".join([*heading, "\n".join(f"- {plain(sentence)}" for sentence in part.sentences)])
    rules = ["---" if column in part.words else "---:" for column in part.columns]
    lines = [_row(part.columns), f"| {' | '.join(rules)} |", *map(_row, part.rows)]
    return f"**{plain(part.caption)}**\n\n" + "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(plain(cell) for cell in cells)} |"
