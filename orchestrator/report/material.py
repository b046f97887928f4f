"""What the sections of a report are made from: the runs of a sweep, and what can be said of them."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from orchestrator.compare import Comparison, Metric
from orchestrator.report.figures.style import ArmStyle, arm_styles
from orchestrator.report.spoken import Outcome, outcome_of
from orchestrator.results import ResultTable


@dataclass(frozen=True, eq=False)
class Material:
    """Read once, and handed to every section."""

    table: ResultTable
    outcome: Outcome

    @classmethod
    def of(cls, table: ResultTable, outcome: Outcome | None = None) -> "Material":
        """`outcome`: where it is at hand already."""
        return cls(table, outcome_of(table) if outcome is None else outcome)

    @property
    def comparison(self) -> Comparison | None:
        """None where there can be none, and the verdicts say why."""
        return self.outcome if isinstance(self.outcome, Comparison) else None

    @property
    def metric(self) -> Metric:
        """The one that decides."""
        decide = self.table.plan["decide"]
        return Metric(decide["metric"], decide["direction"] == "maximize")

    @cached_property
    def finished(self) -> pd.DataFrame:
        """The cells that have final values."""
        frame: pd.DataFrame = self.table.frame[self.table.frame["status"] == "finished"]
        return frame

    @cached_property
    def arms(self) -> list[str]:
        """Those with a finished cell, in the order of the plan."""
        with_runs = set(self.finished["arm"])
        return [arm for arm in self.table.arms if arm in with_runs]

    @cached_property
    def styles(self) -> dict[str, ArmStyle]:
        """How each arm is drawn, by its place in the plan, so that it is the same in every figure."""
        return arm_styles(self.table.arms)


def comparison_metrics(table: ResultTable) -> list[str]:
    """The deciding metric first, then validation accuracy, which papers print."""
    return list(dict.fromkeys([table.deciding_metric, "validation_accuracy"]))
