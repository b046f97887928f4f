"""The tables of docs/validity.md, between its markers, and the same numbers as CSV."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.validity.tally import Asked, Question, Share

ROOT = Path(__file__).parents[2]
CSV, PAGE = ROOT / "docs/results/validity.csv", ROOT / "docs/validity.md"
BEGIN, END = "<!-- {}: written by the benchmark -->\n", "<!-- end of {} -->"
COLUMNS = ("group", "study", "n", "asked", "of", "share", "error", "trials", "misses")


@dataclass(frozen=True)
class Row:
    """A share, and the table it stands in."""

    group: str
    share: Share

    @property
    def place(self) -> tuple[str, str, str, Question]:
        return self.group, self.share.study, self.share.n, self.share.question


def write_csv(rows: Iterable[Row], file: Path) -> None:
    with file.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            s, q = row.share, row.share.question
            numbers = (f"{s.share:.5f}", f"{s.error:.5f}", 0 if s.exact else s.trials, "yes" if s.misses else "")
            writer.writerow((row.group, s.study, s.n, q.asked, q.of, *numbers))


def read_csv(file: Path) -> list[Row]:
    """What an earlier run wrote; nothing if there is no such file."""
    if not file.exists():
        return []
    with file.open(newline="") as lines:
        return [_row(line) for line in csv.DictReader(lines)]


def table(rows: Sequence[Row], asked: Asked) -> str:
    """Markdown: worlds and questions down, seeds across; percent ± Monte-Carlo error, a miss in bold."""
    rows = [row for row in rows if row.share.question.asked == asked]
    sizes = list(dict.fromkeys(row.share.n for row in rows))
    if all(size.isdigit() for size in sizes):
        sizes.sort(key=int)
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for row in sorted(rows, key=lambda row: row.share.question.of):
        lines.setdefault((row.share.question.of, row.share.study), {})[row.share.n] = _cell(row.share)
    head = [asked.value, "runs", *(f"n = {size}" if size.isdigit() else size for size in sizes)]
    said = [head, ["---", "---", *("---:" for _ in sizes)]]
    before = ""
    for (of, study), cells in lines.items():
        said.append([of if of != before else "″", study, *(cells.get(size, "") for size in sizes)])
        before = of
    return "".join(f"| {' | '.join(cells)} |\n" for cells in said)


def write_page(rows: Sequence[Row], page: Path) -> None:
    """Into the page that is there, whose markers say what goes where."""
    for group in dict.fromkeys(row.group for row in rows):
        own = [row for row in rows if row.group == group]
        tables = [table(own, asked) for asked in Asked if any(row.share.question.asked == asked for row in own)]
        write_between(page, group, "\n".join(tables))


def write_between(page: Path, name: str, content: str) -> None:
    """What stands between the markers of that name."""
    text = page.read_text(encoding="utf-8")
    begin, end = BEGIN.format(name), END.format(name)
    before, found, rest = text.partition(begin)
    assert found, f"the page has no marker {begin.strip()}"
    _, found, after = rest.partition(end)
    assert found, f"the page has no marker {end}"
    page.write_text(f"{before}{begin}\n{content.strip()}\n\n{end}{after}", encoding="utf-8")


def _cell(share: Share) -> str:
    said = f"{100 * share.share:.1f}" + ("" if share.exact else f" ± {100 * share.error:.1f}")
    return f"**{said}**" if share.misses else said


def _row(line: dict[str, str]) -> Row:
    question = Question(Asked(line["asked"]), line["of"])
    trials = int(line["trials"])
    hits = float(line["share"]) * (trials or 1)
    return Row(line["group"], Share(line["study"], line["n"], question, hits, trials or 1, exact=trials == 0))
