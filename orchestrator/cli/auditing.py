"""What `seedwise audit` prints: what a printed table can and cannot show, then the range of every number."""

import json

import typer
from rich.console import Console

from orchestrator.cli.output import standard_output
from orchestrator.compare.audit import MOST_PAIRS, Audit, PrintedTable, audit, words
from orchestrator.report.audit_table import letters, rich_table


def print_audit(table: PrintedTable, most_pairs: int | None, seed: int, as_json: bool) -> None:
    """Leaves with exit code 1 where the numbers contradict each other."""
    found = audit(table, MOST_PAIRS if most_pairs is None else most_pairs, seed)
    if as_json:
        print(json.dumps(found.as_json(), indent=1, allow_nan=False))
    else:
        _print(standard_output(), found)
    raise typer.Exit(int(bool(found.contradictions)))


def _print(out: Console, found: Audit) -> None:
    for sentence in _sentences(found):
        out.print(sentence, markup=False, soft_wrap=True)
    if found.contradictions:
        return
    out.print()
    out.print(rich_table(found))
    if len(found.agreements) > 1:
        for letter, agreement in zip(letters(found), found.agreements, strict=True):
            out.print(f"{letter}: {words.meaning(agreement.reading, found.table)}", markup=False, soft_wrap=True)


def _sentences(found: Audit) -> list[str]:
    """Of the widest reading; of stricter ones only where they say something else."""
    if found.contradictions:
        return [words.contradiction(c.arm, c.why) for c in found.contradictions]
    said = [words.agreeing(found.widest, found.table), *(finding.sentence for finding in found.findings[-1])]
    for letter, agreement, findings in zip(letters(found)[:-1], found.agreements, found.findings, strict=False):
        if agreement.ruled_out:
            said.append(words.ruled_out(letter))
        for stricter, widest in zip(findings, found.findings[-1], strict=False):
            if stricter.kind != widest.kind:
                said.append(words.otherwise(letter, stricter.question, stricter.kind))
    return [*said, words.SCOPE]
