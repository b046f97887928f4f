"""What MLflow is to show of one cell: a function of the cell's stored records, and of nothing else.

In: `CellRecords` and the cell's place in the sweep. Out: a `CellRun`. The same records give the same run, so that
recording it again changes nothing. Knows neither MLflow nor the clock; times come from the records.
"""

import hashlib
import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

from orchestrator.environment import moves
from orchestrator.reached import START, Reached
from orchestrator.record.reading import CellRecords
from orchestrator.store import StoredResult
from orchestrator.store.cells import of_newest_try
from search_spaces.space import value_name
from trainables.records import EpochRecord

VERSION = 2
"""Of what is shown of a cell. Raised when more is to be shown, so that the next sync does it for old cells too."""
LONGEST_PARAM = 6000
LONGEST_TAG = 5000
"""Characters that MLflow's stores of all versions take."""

Status = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]

# Names of tags
CELL = "seedwise.cell"
SWEEP = "seedwise.sweep"
HOME = "seedwise.home"
"""Of every run: on a shared server, sweeps of the same name from two homes are two."""
IN_PLAN = "seedwise.in_plan"
OUTCOME = "seedwise.outcome"
SESSIONS = "seedwise.sessions"


@dataclass(frozen=True)
class Place:
    """Where a cell stands in its sweep."""

    sweep: str
    arm: str
    varied: Mapping[str, Any]
    """The arm's settings by dotted key, as written."""
    seed: int
    keeps_model: bool = False
    """Of each arm, the lowest seed's model goes to MLflow."""
    decides: str = ""
    """The deciding metric: MLflow's plots that do not sort metrics begin with the one that was logged first."""
    class_names: tuple[str, ...] = ()
    """The arm's, in the order of its model's outputs."""
    colour: str = ""
    """The arm's, as `#0072B2`. MLflow's own colours are drawn by run, and two arms often share one."""

    @property
    def run_name(self) -> str:
        """The seed first, and no more of the arm than it takes: MLflow's lists cut a name after 16 characters."""
        values = [value_name(value) for value in self.varied.values()]
        return f"seed {self.seed}, {values[0] if len(values) == 1 else self.arm}"


@dataclass(frozen=True)
class Point:
    """One value of a metric. Written twice with the same step and time it is one point."""

    name: str
    value: float
    step: int
    at_ms: int


@dataclass(frozen=True)
class CellRun:
    """A cell as a run of MLflow."""

    name: str
    params: Mapping[str, str]
    tags: Mapping[str, str]
    epochs: Sequence[Sequence[Point]]
    """The points of each epoch."""
    final: Sequence[Point]
    """The points of the result: each under a name that has no other point, at step 0, so that MLflow draws bars."""
    status: Status
    began_ms: int
    ended_ms: int
    fingerprint: str
    """Of the data; empty where the records do not say."""


def project(records: CellRecords, place: Place, *, now: float, stopped: Collection[str] = ()) -> CellRun:
    """The run of a cell that has begun. `stopped`: cells that nobody works on, whatever their leases say."""
    status = run_status(records, now=now, stopped=stopped)
    return CellRun(
        name=place.run_name,
        params=params(records, place),
        tags=_tags(records, place, status),
        epochs=history_points(records.history, place.decides),
        final=[] if records.stored is None else final_points(records.stored),
        status=status,
        began_ms=_ms(min(_times(records))),
        ended_ms=_ms(max(_times(records))),
        fingerprint=str(records.settings.get("data", {}).get("fingerprint", "")),
    )


def run_status(records: CellRecords, *, now: float, stopped: Collection[str] = ()) -> Status:
    """RUNNING exactly where a living worker has the cell in hand and has not failed at it."""
    if records.stored is not None:
        return status_at_end(records.stored)
    failed_at = records.failures[-1]["at"] if records.failures else -math.inf
    holder = records.holder
    # A worker keeps the lease of a cell that it failed at until it takes up the next.
    if holder is not None and not holder.is_gone(now) and failed_at < holder.since and records.key not in stopped:
        return "RUNNING"
    taken_up_at = records.sessions[-1]["at"] if records.sessions else -math.inf
    return "FAILED" if failed_at >= taken_up_at else "KILLED"


def status_at_end(stored: StoredResult) -> Status:
    """Of a cell that is done: to diverge is to fail."""
    return "FINISHED" if stored.result.status == "finished" else "FAILED"


def outcome(records: CellRecords, status: Status) -> str:
    """`finished`, `diverged`, `failed` (its own code raised), `running` or `interrupted`: finer than the status."""
    if records.stored is not None:
        return records.stored.result.status
    return {"RUNNING": "running", "FAILED": "failed"}.get(status, "interrupted")


def params(records: CellRecords, place: Place) -> dict[str, str]:
    """Every setting by its dotted path; `arm`, `loss`, `seed` and each varied setting in words as short as they go.

    A varied group, such as a loss with its settings, has no dotted path of its own: it gets one here, for MLflow to
    group by. What has been a param once can never change, so nothing else is one.
    """
    given = flatten(records.settings)
    loss = records.settings.get("loss")
    short = {"arm": place.arm, "seed": str(place.seed)}
    if isinstance(loss, dict) and "name" in loss:
        short["loss"] = str(loss["name"])
    short |= {key: value_name(value) for key, value in place.varied.items()}
    return {param_name(key): cut(value, LONGEST_PARAM) for key, value in ({**short, **given}).items()}


def flatten(settings: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """`{"model": {"width": 64}}` → `{"model.width": "64"}`; lists and what is no text as JSON has them."""
    flat: dict[str, str] = {}
    for key, value in settings.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping) and value:
            flat |= flatten(value, f"{path}.")
        else:
            flat[path] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return flat


def history_points(history: Sequence[EpochRecord], decides: str = "") -> list[list[Point]]:
    """Of each epoch all that was measured, at the time when it was first measured; timing comes last.

    MLflow orders by time. So an epoch that was measured by a clock that had been set back bears the time of the one
    before it.
    """
    times = accumulate((_ms(record.measured_at) for record in history), max)
    return [epoch_points(record, at_ms, decides) for record, at_ms in zip(history, times, strict=True)]


def epoch_points(record: EpochRecord, at_ms: int, decides: str = "") -> list[Point]:
    """First what decides, of the validation part where that is of the test part, which epochs do not read."""
    first = decides.replace("test_", "validation_", 1)
    measured = sorted(record.metrics.items(), key=lambda metric: (metric[0] != first, metric[0]))
    return [Point(name, value, record.epoch, at_ms) for name, value in (*measured, *sorted(record.timing.items()))]


def final_points(stored: StoredResult) -> list[Point]:
    """`final_validation_accuracy`, `final_train_loss`, `test_accuracy`, `best_validation_accuracy`, `best_epoch` …

    The rate and the norm of the last epoch end no comparison; they stay in the curves.
    """
    result = stored.result
    shown = {name: value for name, value in result.final.items() if name.startswith("test_")}
    shown |= {
        f"final_{name}": value for name, value in result.final.items() if name.startswith(("train_", "validation_"))
    }
    shown |= result.best
    return [Point(name, value, 0, _ms(result.measured_at)) for name, value in sorted(shown.items())]


def epochs_mark(epochs: Sequence[Sequence[Point]]) -> str:
    """Says which epochs a run holds: how many, and a digest of their points, in whatever order they were logged."""
    said = repr([(p.name, p.value, p.step, p.at_ms) for points in epochs for p in sorted(points, key=_name)])
    return f"{len(epochs)}:{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def complete_mark(stored: StoredResult, place: Place) -> str:
    """What a run says of itself once all of a done cell is in it; nothing else needs to be read to see that."""
    said = [
        VERSION,
        stored.model_dump_json(),
        place.arm,
        place.seed,
        place.keeps_model,
        place.colour,
        sorted(place.varied),
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def _tags(records: CellRecords, place: Place, status: Status) -> dict[str, str]:
    sessions = of_newest_try(records.sessions)
    places = list(dict.fromkeys(map(_environment, sessions)))
    facts = {} if records.stored is None else records.stored.result.model_facts
    error = ""
    if records.stored is not None:
        error = records.stored.result.divergence
    elif status == "FAILED":
        error = str(records.failures[-1].get("error", ""))
    tags = {
        CELL: records.key,
        SWEEP: place.sweep,
        "seedwise.arm": place.arm,
        IN_PLAN: "true",
        OUTCOME: outcome(records, status),
        SESSIONS: str(len(records.sessions)),
        "seedwise.resumed": "true" if any(Reached.of(session) > START for session in sessions) else "false",
        "seedwise.environment": "; then ".join(places),
        "seedwise.resumed_elsewhere": "; ".join(map(str, moves(sessions))),
        "seedwise.parameters": f"{facts['parameters']:.0f}" if "parameters" in facts else "",
        "seedwise.error": error,
        "mlflow.runName": place.run_name,
        "mlflow.runColor": place.colour,
        "mlflow.source.name": "seedwise",
    }
    return {key: cut(value, LONGEST_TAG) for key, value in tags.items()}


def _environment(session: Mapping[str, Any]) -> str:
    """`Xeon …, threads 1, python 3.11.9, torch 2.13.0`: what a cell's bits may depend on beyond its settings."""
    environment = session.get("environment", {})
    versions = environment.get("versions", {})
    parts = [str(environment.get("device", "unknown device")), f"threads {environment.get('threads', '?')}"]
    return ", ".join(parts + [f"{name} {versions[name]}" for name in ("python", "torch") if name in versions])


def _times(records: CellRecords) -> list[float]:
    times = [entry["at"] for entry in (*records.sessions, *records.failures)]
    times += [record.measured_at for record in records.history]
    return times if records.stored is None else [*times, records.stored.result.measured_at]


def param_name(key: str) -> str:
    """A setting's dotted key, as MLflow takes it."""
    return re.sub(r"[^\w.\- :]", "_", key)[:250]


def cut(text: str, longest: int) -> str:
    """The text, with an ellipsis at its end if it is longer than that."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _name(point: Point) -> str:
    return point.name


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
