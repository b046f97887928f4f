"""Every estimated difference with its interval: as a forest plot, then as a table; and what else is estimated
of two arms."""

from collections.abc import Sequence
from dataclasses import replace

from orchestrator.compare import Comparison, Metric, PairComparison
from orchestrator.compare.comparison import Verdict
from orchestrator.compare.statistics.estimates import Interval
from orchestrator.compare.statistics.multiplicity import agreeing_within
from orchestrator.report import beside_table, difference_table
from orchestrator.report.content import Picture, Said, Section, Table
from orchestrator.report.figures import Difference, forest
from orchestrator.report.figures.style import arm_label
from orchestrator.report.material import Material

MOST_WITH_EVERY_METHOD = 4
"""Pairs; of more the picture shows what decides, and the table the rest."""


def section(material: Material) -> Section | None:
    """None where nothing can be estimated."""
    comparison = material.comparison
    rows = () if comparison is None else forest_rows(comparison)
    if comparison is None or not rows:
        return None
    metric, margin = material.metric, comparison.margin
    said_margin = None if margin is None else margin * metric.scale
    better = "right" if metric.maximize else "left"
    axis = f"difference in {metric.name.replace('_', ' ')}, {metric.unit}"
    versus = shared_versus(comparison)
    if versus is None:
        axis += f"\n({better}: the first arm is better)"
    else:
        axis += f", from\n{arm_label(versus, width=52, lines=3)}\n({better}: better than it)"
    drawn = [replace(row, label=row.label.removesuffix(f" − {versus}")) for row in rows]
    table = difference_table.page_rows(comparison)
    return Section(
        name="differences",
        heading="Differences",
        sees=how_to_read(rows, margin),
        parts=(
            Picture("differences", sentence(comparison), lambda: forest(drawn, said_margin, axis)),
            Table.of(
                "Every difference, by method",
                difference_table.ON_A_PAGE,
                table,
                difference_table.ON_A_PAGE[:2],
                grouped=True,
            ),
            Table.of(
                beside_table.CAPTION,
                beside_table.COLUMNS,
                beside_table.rows(comparison),
                beside_table.WORDS,
                grouped=True,
            ),
            Said("", (*difference_table.footnotes(comparison), *beside_table.footnotes(comparison))),
        ),
        numbers=rows,
    )


def how_to_read(rows: Sequence[Difference], margin: float | None) -> str:
    said = "Where a line reaches over 0, the runs leave open which of the two arms is better"
    if any(row.inner is not None for row in rows):
        return f"{said}; where a thick part lies inside the shaded margin, they differ by less than that."
    return f"{said}." if margin is None else f"{said}; the shade is the margin."


def forest_rows(comparison: Comparison) -> tuple[Difference, ...]:
    """Of each pair what its verdict rests on, then the methods that stand beside it."""
    metric = Metric(comparison.metric, comparison.maximize)
    found = []
    few = len(comparison.pairs) <= MOST_WITH_EVERY_METHOD
    for pair in comparison.pairs:
        numbers = pair.numbers
        if numbers is None:
            continue
        decides = numbers.rests_on
        verdict = location(pair)
        # The interval that the verdict says, which holds for all pairs at once; so picture and sentence agree.
        interval = decides.interval
        if verdict is not None and verdict.kind in ("BETTER", "NOT SETTLED") and verdict.interval is not None:
            interval = verdict.interval
        found_within = None if numbers.equivalence is None else numbers.equivalence.interval
        inner = None  # where no verdict is on it, as beside BETTER, it would look like one
        if verdict is not None and verdict.kind == "EQUIVALENT":
            inner = verdict.interval
        elif verdict is not None and verdict.kind == "NOT SETTLED" and found_within and comparison.margin:
            inner = agreeing_within(found_within, comparison.margin, shown=False)
        name = f"{pair.arm} − {pair.versus}"
        estimate = decides.estimate * metric.scale
        found.append(Difference(name, estimate, _span(interval, metric), _span(inner, metric)))
        for other in (numbers.fixed_items, numbers.beside):
            if few and other is not None and other != decides:
                span = _span(other.interval, metric)
                found.append(Difference(other.method, other.estimate * metric.scale, span, decides=False))
    return tuple(found)


def sentence(comparison: Comparison) -> str:
    """What the picture shows of these data; no more than the verdicts say."""
    if not comparison.complete:
        return "Estimates only: cells are missing, and no verdict is drawn from these lines."
    if comparison.look.withheld:
        return "Estimates only: no verdict may be given on these seeds."
    versus = shared_versus(comparison)
    by_kind: dict[str, list[str]] = {}
    for pair in comparison.pairs:
        if (verdict := location(pair)) is not None:
            name = pair.arm if versus is not None else f"{pair.arm} − {pair.versus}"
            by_kind.setdefault(verdict.kind, []).append(name)
    said = []
    if better := by_kind.get("BETTER"):
        said.append(f"to one side of 0: {_some(better)}")
    if same := by_kind.get("EQUIVALENT"):
        said.append(f"inside the margin: {_some(same)}")
    if unsettled := by_kind.get("NOT SETTLED"):
        said.append(f"not settled: {_some(unsettled)}")
    if early := by_kind.get("NOT ENOUGH RUNS"):
        said.append(f"too few runs for a verdict: {_some(early)}")
    if alike := by_kind.get("SAME TRAINING"):
        said.append(f"one training by two names: {_some(alike)}")
    text = "; ".join(said)
    text = f"{text[:1].upper()}{text[1:]}." if versus is None else f"Against {versus}, {text}."
    few = len(comparison.pairs) <= MOST_WITH_EVERY_METHOD
    reference = "for reference only: they do not hold at this look" if comparison.look.anytime else "for reference"
    return f"{text} Squares decide; open circles are other methods, {reference}." if few else text


def shared_versus(comparison: Comparison) -> str | None:
    """The arm that several others are held against, all of them; so that it need be named but once."""
    versus = {pair.versus for pair in comparison.pairs}
    return versus.pop() if len(versus) == 1 < len(comparison.pairs) else None


def location(pair: PairComparison) -> Verdict | None:
    """The verdict on the difference, not on the spread."""
    return pair.verdicts[0] if pair.verdicts else None


def _some(names: list[str]) -> str:
    shown = names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if shown[1:] else shown[0]


def _span(interval: Interval | None, metric: Metric) -> tuple[float, float] | None:
    return None if interval is None else (interval.low * metric.scale, interval.high * metric.scale)
