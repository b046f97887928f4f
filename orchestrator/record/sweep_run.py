"""What MLflow is to show of the sweep itself: the parent run over the runs of its cells.

In: the stored plan, and what the runs of its cells are known to be. Out: places, tags, status, counts. Pure.
A plan may grow under the same name, and MLflow's params never change: so nothing of it is a param.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.colours import arm_colours
from orchestrator.record.projection import LONGEST_TAG, OUTCOME, SWEEP, Place, Status, cut
from orchestrator.record.tracking import RecordedRun
from orchestrator.record.view import mark
from orchestrator.store.sweeps import class_names

VIEW = "seedwise.view"
"""Tag of the parent: which view of the runs was offered to MLflow's page."""


def places(plan: Mapping[str, Any]) -> dict[str, Place]:
    """By cell key, where each planned cell stands."""
    varied = {arm["name"]: arm["settings"] for arm in plan["arms"]}
    colours = arm_colours(varied)
    lowest: dict[str, int] = {}
    for cell in plan["cells"]:
        lowest[cell["arm"]] = min(cell["seed"], lowest.get(cell["arm"], cell["seed"]))
    return {
        cell["key"]: Place(
            sweep=plan["sweep"],
            arm=cell["arm"],
            varied=varied[cell["arm"]],
            seed=cell["seed"],
            keeps_model=cell["seed"] == lowest[cell["arm"]],
            decides=plan["decide"]["metric"],
            class_names=tuple(class_names(plan, cell["arm"])),
            colour=colours[cell["arm"]],
        )
        for cell in plan["cells"]
    }


def sweep_tags(plan: Mapping[str, Any]) -> dict[str, str]:
    """What the sweep is, in words."""
    decide = plan["decide"]
    git = plan.get("environment", {}).get("git", {})
    tags = {
        SWEEP: plan["sweep"],
        "seedwise.arms": "; ".join(arm["name"] for arm in plan["arms"]),
        "seedwise.seeds": ", ".join(str(seed) for seed in plan["seeds"]),
        "seedwise.baseline": plan["baseline"],
        "seedwise.decides": f"{decide['metric']} ({decide['direction']})",
        VIEW: mark(plan),
        "mlflow.source.name": "seedwise",
    }
    if git:
        tags |= {"mlflow.source.git.commit": git["commit"], "seedwise.git_dirty": str(git["dirty"]).lower()}
    return {key: cut(value, LONGEST_TAG) for key, value in tags.items()}


def first_note(plan: Mapping[str, Any]) -> str:
    """The description until there is a comparison to show."""
    data = "\n".join(f"- {sentence}" for sentence in plan["data"])
    return "\n\n".join(part for part in (plan["description"], data) if part)


def counts(plan: Mapping[str, Any], children: Iterable[RecordedRun]) -> dict[str, float]:
    """Metrics of the parent: `cells_planned`, `cells_finished`, `cells_diverged`, `cells_failed`."""
    outcomes = Counter(child.tags.get(OUTCOME, "") for child in children)
    found = {f"cells_{outcome}": float(outcomes[outcome]) for outcome in ("finished", "diverged", "failed")}
    return {"cells_planned": float(len(plan["cells"])), **found}


def sweep_status(plan: Mapping[str, Any], children: Iterable[RecordedRun], attended: bool) -> Status:
    """FINISHED where every cell has a result, FAILED where one raised, KILLED where cells are left.

    RUNNING as long as it is `attended`, by whichever driver, be its cells all between two workers just now.
    """
    outcomes = Counter(child.tags.get(OUTCOME, "") for child in children)
    if attended:
        return "RUNNING"
    if outcomes["finished"] + outcomes["diverged"] == len(plan["cells"]):
        return "FINISHED"
    return "FAILED" if outcomes["failed"] else "KILLED"
