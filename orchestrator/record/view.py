"""What MLflow's page of a sweep opens on: its runs by arm, with what varies, the seed and what decides.

By itself the page shows one row, the sweep, without a number. In: the stored plan. Out: a saved view in the form of
MLflow 3.15 and newer, which keep views as tags of the experiment; older ones take no notice of it. Pure.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from orchestrator.record.projection import IN_PLAN, param_name

ID = "seedwise"
TAG = f"mlflow.sharedViewState.{ID}"
"""Of the experiment."""
IN_ADDRESS = f"viewStateShareKey={ID}"
NAME = "Arms and seeds"
REPORT_PAGE = "report/report.html"
MOST_VARIED = 12
"""Columns of varied settings: more do not fit on a screen, nor all that there can be into a tag."""


def view(plan: Mapping[str, Any]) -> str:
    """The tag's value."""
    made_ms = int(plan["planned_at"] * 1000)
    return json.dumps({"name": NAME, "createdAt": made_ms, "updatedAt": made_ms, "state": _state(plan)})


def mark(plan: Mapping[str, Any]) -> str:
    """Tells one view from another, whenever it was planned."""
    return hashlib.sha256(_state(plan).encode()).hexdigest()[:16]


def is_a_persons(held: str) -> bool:
    """Whether somebody has saved a view of their own over it, in MLflow's page."""
    try:
        saved = json.loads(held)
        return bool(saved["updatedAt"] != saved["createdAt"] or saved["name"] != NAME)
    except (ValueError, KeyError, TypeError):
        return True


def linked(note: str, experiment: str, run_id: str) -> str:
    """The note with the report's page, which it names among the files of the sweep's run, as a link to it there."""
    return note.replace(
        REPORT_PAGE, f"[{REPORT_PAGE}](#/experiments/{experiment}/runs/{run_id}/artifacts/{REPORT_PAGE})"
    )


def _state(plan: Mapping[str, Any]) -> str:
    """Columns, groups, filters and charts, in the page's own words for them."""
    deciding = plan["decide"]["metric"]
    part, measure = deciding.split("_", 1)
    last = [f"final_{deciding}"] if part == "train" else [f"final_validation_{measure}", f"test_{measure}"]
    varied = [*dict.fromkeys(param_name(key) for arm in plan["arms"] for key in arm["settings"])][:MOST_VARIED]
    columns = [*(f"params.`{key}`" for key in (*varied, "seed")), *(f"metrics.`{key}`" for key in last)]
    state = {
        "selectedColumns": columns,
        "searchFilter": f"tags.`{IN_PLAN}` = 'true'",
        "orderByKey": "attributes.start_time",
        "orderByAsc": True,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "groupBy": {"aggregateFunction": "average", "groupByKeys": [{"mode": "param", "groupByData": "arm"}]},
        "runsHiddenMode": "SHOW_ALL",
        "chartsSearchFilter": f"^(test_|final_validation_|validation_|train_){measure}$",
    }
    return json.dumps(state)
