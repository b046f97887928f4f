"""The figures: each draws numbers that were computed elsewhere, and knows nothing of a sweep."""

from orchestrator.report.figures.curves import Curve, SingleRun, best_runs, learning_curves
from orchestrator.report.figures.forest import Difference, forest
from orchestrator.report.figures.reliability import reliability_diagram
from orchestrator.report.figures.strips import Strip, strips
from orchestrator.report.figures.style import STYLE, ArmStyle, arm_styles

__all__ = [
    "STYLE",
    "ArmStyle",
    "Curve",
    "Difference",
    "SingleRun",
    "Strip",
    "arm_styles",
    "best_runs",
    "forest",
    "learning_curves",
    "reliability_diagram",
    "strips",
]
