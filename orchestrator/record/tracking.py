"""MLflow as this room uses it: a few calls, none of which does harm when it is made twice.

In: an address in MLflow's own terms. Out: runs, as `RecordedRun`. It knows nothing of cells.
"""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from filelock import FileLock

from orchestrator.record.database import SQLITE, file_of, follow_home, refuse_locked
from orchestrator.record.imported import import_mlflow
from orchestrator.record.projection import HOME, Point, Status
from orchestrator.record.refusals import refuse_another_version
from orchestrator.record.view import TAG, is_a_persons

T = TypeVar("T")
MADE_AT = "seedwise.made_at"
"""Tag: when a run was made, in seconds with fractions. Its start time is the cell's, so that it cannot tell."""
PARENT = "mlflow.parentRunId"
NOTE = "mlflow.note.content"
"""Tag of a run or an experiment: the description that its page shows."""
POINTS_IN_A_BATCH = 1000
PARAMS_IN_A_BATCH = 100
SET_UP_WAIT_S = 60.0


@dataclass(frozen=True)
class RecordedRun:
    """What MLflow holds of a run; its points are not asked for."""

    run_id: str
    status: str
    ended_ms: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    """The newest value of each."""
    files: Path | None = None
    """Where its files lie, if that is a folder that can be looked at; None where a server keeps them."""

    def holds(self, names: Iterable[str]) -> bool:
        """Whether these files are there: somebody may have cleared them away. A server is not asked."""
        return self.files is None or all((self.files / name).exists() for name in names)


class Tracking(Protocol):
    """What a place for runs must be able to do."""

    def experiment(self, name: str, home: str = "") -> str:
        """The id of the experiment, which is made if there is none; one that this home has used under that name
        stays its own, whatever somebody calls it since."""
        ...

    def describe(self, experiment: str, home: str, note: str) -> None:
        """Show a note (Markdown) over the experiment's runs, unless a person or another home has put one there."""
        ...

    def offer_view(self, experiment: str, view: str) -> None:
        """Have the experiment's page open on this view of the runs, unless a person has saved their own over it."""
        ...

    def find(self, experiment: str, tags: Mapping[str, str]) -> list[RecordedRun]:
        """All runs with these tags, the earliest made first."""
        ...

    def make(self, experiment: str, name: str, tags: Mapping[str, str], began_ms: int) -> RecordedRun: ...

    def log(
        self,
        run_id: str,
        *,
        params: Mapping[str, str] | None = None,
        points: Sequence[Point] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Params first, points next, tags last, so that a tag can say of the points that they are there."""
        ...

    def newest_step(self, run_id: str, metric: str) -> int:
        """The largest step of a metric, which is the one that MLflow shows; -1 where it has no point."""
        ...

    def log_dataset(self, run_id: str, name: str, digest: str) -> None: ...

    def upload(self, run_id: str, folder: Path, under: str) -> None:
        """Copy what lies in the folder to the run's artifacts; what has the same name there is replaced."""
        ...

    def prune(self, run_id: str, folder: Path, under: str) -> None:
        """Take away what lies there among the run's artifacts and not in the folder, which has been uploaded."""
        ...

    def set_status(self, run_id: str, status: Status, ended_ms: int) -> None: ...

    def delete(self, run_id: str) -> None: ...


class MlflowTracking:
    """MLflow at a tracking URI. A new database is set up here, under a lock, for that races between processes."""

    def __init__(self, uri: str, artifacts: Path, set_up_lock: Path):
        """`artifacts`: root for what is logged as files, where no server decides on that."""
        mlflow = import_mlflow()
        self._entities, self._refused = mlflow.entities, mlflow.exceptions.MlflowException
        self._artifacts = None if has_server(uri) else artifacts
        self._lock = set_up_lock
        set_up_lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(set_up_lock, timeout=SET_UP_WAIT_S):
            _make_database(uri)
            refuse_locked(uri)  # MLflow itself would try for minutes, and go on sleeping after the lock is gone
            try:
                self._client = mlflow.MlflowClient(tracking_uri=uri)
            except self._refused as error:
                refuse_another_version(uri, error)
                raise
            follow_home(uri, artifacts)

    def experiment(self, name: str, home: str = "") -> str:
        used_as = f"seedwise.sweep.{home}"  # of several homes on a server, each has a tag of its own
        with FileLock(self._lock, timeout=SET_UP_WAIT_S):
            found = self._client.get_experiment_by_name(name)
            if found is None and home:
                filed = f"tags.`{used_as}` = '{name}'"
                renamed = self._client.search_experiments(self._entities.ViewType.ALL, filter_string=filed)
                found = renamed[0] if renamed else None
            if found is None:
                root = None if self._artifacts is None else (self._artifacts / name).as_uri()
                # The kind spares the page from asking whether this is about language model traces.
                kind = {"mlflow.experimentKind": "custom_model_development"}
                try:
                    made = self._client.create_experiment(
                        name, artifact_location=root, tags=kind | ({used_as: name} if home else {})
                    )
                    return str(made)
                except self._refused:  # on a server, another host may have been faster
                    found = self._client.get_experiment_by_name(name)
                    if found is None:
                        raise
            if found.lifecycle_stage == "deleted":
                self._client.restore_experiment(found.experiment_id)
            if home and used_as not in found.tags:
                self._client.set_experiment_tag(found.experiment_id, used_as, name)
            return str(found.experiment_id)

    def describe(self, experiment: str, home: str, note: str) -> None:
        held = self._client.get_experiment(experiment).tags
        if NOTE in held and held.get(HOME) != home:
            return
        for key, value in {HOME: home, NOTE: note}.items():  # in this order: a note alone would be a person's
            if held.get(key) != value:
                self._client.set_experiment_tag(experiment, key, value)

    def offer_view(self, experiment: str, view: str) -> None:
        held = self._client.get_experiment(experiment).tags.get(TAG)
        if held is None or not is_a_persons(held):
            self._client.set_experiment_tag(experiment, TAG, view)

    def find(self, experiment: str, tags: Mapping[str, str]) -> list[RecordedRun]:
        wanted = " and ".join(f"tags.`{key}` = '{value}'" for key, value in tags.items())
        found: list[RecordedRun] = []
        token = None
        while True:
            page = self._client.search_runs([experiment], wanted, max_results=1000, page_token=token)
            found += [self._recorded(run) for run in page]
            token = page.token
            if not token:
                return sorted(found, key=lambda run: (float(run.tags.get(MADE_AT, "inf")), run.run_id))

    def make(self, experiment: str, name: str, tags: Mapping[str, str], began_ms: int) -> RecordedRun:
        tags = {**tags, MADE_AT: repr(time.time())}
        return self._recorded(self._client.create_run(experiment, start_time=began_ms, tags=tags, run_name=name))

    def log(
        self,
        run_id: str,
        *,
        params: Mapping[str, str] | None = None,
        points: Sequence[Point] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        # A param that is refused takes the whole batch with it, so params go by themselves.
        for some in _in_batches(list((params or {}).items()), PARAMS_IN_A_BATCH):
            self._log_batch(run_id, params=[self._entities.Param(*pair) for pair in some])
        metrics = [self._entities.Metric(p.name, p.value, p.at_ms, p.step) for p in points]
        *earlier, last = [*_in_batches(metrics, POINTS_IN_A_BATCH)] or [[]]
        for batch in earlier:
            self._log_batch(run_id, metrics=batch)
        if last or tags:
            said = [self._entities.RunTag(*pair) for pair in (tags or {}).items()]
            self._log_batch(run_id, metrics=last, tags=said)

    def _log_batch(self, run_id: str, **batch: Any) -> None:
        # MLFLOW_ENABLE_ASYNC_LOGGING would have it logged later, and nobody told where that fails.
        self._client.log_batch(run_id, **batch, synchronous=True)

    def newest_step(self, run_id: str, metric: str) -> int:
        return max((point.step for point in self._client.get_metric_history(run_id, metric)), default=-1)

    def log_dataset(self, run_id: str, name: str, digest: str) -> None:
        entities = self._entities
        source = f'{{"fingerprint": "{digest}"}}'
        dataset = entities.Dataset(name=name, digest=digest[:36], source_type="seedwise", source=source)
        tags = [entities.InputTag("mlflow.data.context", "training")]
        self._client.log_inputs(run_id, datasets=[entities.DatasetInput(dataset, tags)])

    def upload(self, run_id: str, folder: Path, under: str) -> None:
        self._client.log_artifacts(run_id, str(folder), under or None)

    def prune(self, run_id: str, folder: Path, under: str) -> None:
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        # MLflow's client deletes no artifact (mlflow#1555); the repository behind it does.
        uri = self._client.get_run(run_id).info.artifact_uri
        repository = get_artifact_repository(uri, tracking_uri=self._client.tracking_uri)
        for path in list(_files(repository, under)):
            if not (folder / PurePosixPath(path).relative_to(under)).is_file():
                repository.delete_artifacts(path)

    def set_status(self, run_id: str, status: Status, ended_ms: int) -> None:
        if status == "RUNNING":
            self._client.update_run(run_id, status=status)
        else:
            self._client.set_terminated(run_id, status, ended_ms)

    def delete(self, run_id: str) -> None:
        self._client.delete_run(run_id)

    def _recorded(self, run: Any) -> RecordedRun:
        place = urlsplit(run.info.artifact_uri)
        return RecordedRun(
            run_id=run.info.run_id,
            status=run.info.status,
            ended_ms=run.info.end_time,
            params=run.data.params,
            tags=run.data.tags,
            metrics=run.data.metrics,
            files=Path(unquote(place.path)) if self._artifacts and place.scheme == "file" else None,
        )


def _make_database(uri: str) -> None:
    """Make a SQLite database that is not there yet: aside, then linked to its name.

    MLflow makes its tables one by one, and refuses for ever a database of which a kill or a full disk left half.
    """
    if not uri.startswith(SQLITE) or "?" in uri or file_of(uri) is not None:
        return
    path = Path(uri.removeprefix(SQLITE))
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".new-{path.name}-{os.getpid()}")
    aside.unlink(missing_ok=True)
    try:
        import_mlflow().MlflowClient(tracking_uri=f"{SQLITE}{aside}")
        with contextlib.suppress(FileExistsError):  # another home's process may have been faster
            os.link(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def has_server(uri: str) -> bool:
    """Whether a server stands there, which keeps the artifacts itself; else it is a database."""
    return uri.startswith(("http://", "https://", "databricks"))


def _files(repository: Any, under: str) -> Iterator[str]:
    # Not by MLflow's client, which asks for logged models, too: servers of 2.x know none, and refuse.
    for item in repository.list_artifacts(under):
        yield from _files(repository, item.path) if item.is_dir else (item.path,)


def _in_batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
