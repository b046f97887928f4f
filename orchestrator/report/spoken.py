"""A comparison in words: headings and sentences, the same for the terminal, for Markdown and for MLflow's page."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.compare import Comparison, IdenticalSeedsError, compare
from orchestrator.results import ResultTable

Outcome = Comparison | IdenticalSeedsError
"""A comparison, or why there can be none."""


@dataclass(frozen=True)
class Said:
    """Sentences under a heading."""

    heading: str
    sentences: tuple[str, ...]


def outcome_of(table: ResultTable) -> Outcome:
    """The comparison; or the fault, for a report has more to show than verdicts."""
    try:
        return compare(table)
    except IdenticalSeedsError as error:
        return error


def spoken(outcome: Outcome) -> Sequence[Said]:
    """Verdicts by pair, then what is to be said of single arms and of all."""
    if isinstance(outcome, IdenticalSeedsError):
        return [Said("No comparison", (str(outcome),))]
    said = [
        Said(f"{pair.arm} against {pair.versus}", (*(v.sentence for v in pair.verdicts), *pair.notes))
        for pair in outcome.pairs
    ]
    alone = [verdict.sentence for arm in outcome.arms for verdict in arm.verdicts]
    said += [Said("Spread", tuple(alone)), Said("To be known", outcome.notes)]
    return [part for part in said if part.sentences]


def markdown_section(outcome: Outcome) -> str:
    """Headings in bold, sentences as a list; empty where there is nothing to say."""
    parts = [
        f"**{_plain(s.heading)}**\n\n" + "\n".join(f"- {_plain(t)}" for t in s.sentences) for s in spoken(outcome)
    ]
    return "\n\n".join(["## Verdicts", *parts]) if parts else ""


def _plain(text: str) -> str:
    """Names of arms may hold what Markdown would take for markup."""
    for sign in "\\`*_<>[]|":
        text = text.replace(sign, f"\\{sign}")
    return text
