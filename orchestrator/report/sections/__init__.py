"""The sections of the report, one file each, in the order of reading. To add one: its file, and a line here."""

from orchestrator.report.sections import (
    arms,
    calibration,
    churn,
    differences,
    learning_curves,
    methods,
    reasons,
    runs,
    seeds_needed,
    unfinished,
    verdicts,
)

SECTIONS = (
    verdicts.section,
    arms.section,
    differences.section,
    reasons.section,
    runs.section,
    learning_curves.section,
    calibration.section,
    churn.section,
    unfinished.section,
    methods.section,
    seeds_needed.section,
)
"""Each gives a section of the material, or None where it has nothing to say of it."""

__all__ = ["SECTIONS"]
