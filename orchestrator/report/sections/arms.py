"""The plain numbers of each arm: what papers print, min, mean, median and max among it."""

from orchestrator.compare import ArmSummary, Metric, is_share, summarise
from orchestrator.report import best_epoch, tables
from orchestrator.report.content import Said, Section, Table
from orchestrator.report.material import Material, comparison_metrics


def section(material: Material) -> Section:
    table = material.table
    summaries = {metric: summarise(table.frame, metric) for metric in comparison_metrics(table)}
    best = best_epoch.summaries(table)
    shown = [
        Table.of(_caption(metric, table.deciding_metric), tables.page_columns(arms), tables.page_rows(arms))
        for metric, arms in summaries.items()
    ]
    return Section(
        name="arms",
        heading="The arms in numbers",
        sees=sentence(summaries[table.deciding_metric], material.metric),
        parts=(
            *shown,
            Table.of(best_epoch.HEADING, best_epoch.COLUMNS, best_epoch.rows(table)),
            Said("", (best_epoch.CAUTION,)),
        ),
        numbers={"last_epoch": summaries, "best_epoch": best},
    )


def sentence(arms: tuple[ArmSummary, ...], metric: Metric) -> str:
    """How far the means lie apart, beside how far runs of one arm do."""
    with_runs = [arm for arm in arms if arm.mean is not None]
    if not with_runs:
        return "No cell is finished yet."
    words = tables.title(metric.name).removesuffix(", %")
    means = [arm.mean for arm in with_runs if arm.mean is not None]
    unit = "points" if is_share(metric.name) else metric.unit
    if sum(arm.n for arm in with_runs) == 1:
        return f"By {words}, the one finished run has {metric.said(means[0])}{'%' * is_share(metric.name)}."
    apart = f"By {words}, the arms' means span {metric.said(max(means) - min(means))} {unit}"
    spans = [(a.max - a.min, a.arm) for a in with_runs if a.n > 1 and a.max is not None and a.min is not None]
    if not spans:
        return f"{apart}, of one run each: nothing says how far apart two runs of one arm lie."
    span, widest = max(spans, key=lambda found: found[0])
    if len(with_runs) == 1:
        return f"By {words}, the {with_runs[0].n} finished runs span {metric.said(span)} {unit}."
    return f"{apart}; the runs of {widest} alone span {metric.said(span)}."


def _caption(metric: str, deciding: str) -> str:
    return f"{tables.title(metric)}, last epoch{' (decides)' if metric == deciding else ''}"
