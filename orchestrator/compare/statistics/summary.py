"""The plain numbers of each arm: how many runs there are, and how one metric lies over them."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class ArmSummary:
    """One metric over an arm's finished cells. Statistics are None where there are too few cells."""

    arm: str
    metric: str
    n: int
    """Finished cells."""
    diverged: int
    """By a loss that was no number: an outcome, which is not tried again."""
    missing: int
    """Planned, and neither finished nor diverged: not begun, under way, or failed, which the next run takes up."""
    failed: int
    """Of the missing: its own code raised, and no later run has taken it up."""
    min: float | None
    mean: float | None
    median: float | None
    max: float | None
    sd: float | None
    """Sample standard deviation (n − 1); None for fewer than two."""


def summarise(frame: pd.DataFrame, metric: str) -> tuple[ArmSummary, ...]:
    """For each arm of `ResultTable.frame`, in its order."""
    summaries = []
    for arm, cells in frame.groupby("arm", sort=False):
        values = cells.loc[cells["status"] == "finished", metric] if metric in cells else pd.Series(dtype=float)
        diverged = int((cells["status"] == "diverged").sum())
        some = len(values) > 0
        summaries.append(
            ArmSummary(
                arm=str(arm),
                metric=metric,
                n=len(values),
                diverged=diverged,
                missing=len(cells) - len(values) - diverged,
                failed=int((cells["status"] == "failed").sum()),
                min=float(values.min()) if some else None,
                mean=float(values.mean()) if some else None,
                median=float(values.median()) if some else None,
                max=float(values.max()) if some else None,
                sd=float(values.std(ddof=1)) if len(values) > 1 else None,
            )
        )
    return tuple(summaries)
