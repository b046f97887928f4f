"""Any labelled data set of the Hugging Face hub, or a local folder in its layout."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from trainables.data.corpus import Corpus
from trainables.data.sources.base import Source
from trainables.data.sources.columns import Table, build_corpus, pick_columns
from trainables.data.sources.reading import Columns
from trainables.errors import DataError

if TYPE_CHECKING:
    import datasets

HUB_TIMEOUT_S = 10.0


class HuggingFaceSource(Source):
    """A data set by its name on the hub. Downloads stay in the hub's own cache."""

    source: Literal["huggingface"] = "huggingface"

    name: str
    """`owner/name` on the hub, or the path of a local folder with data files."""

    revision: str | None = None
    """A commit, tag or branch on the hub. A commit makes sure that it is the same data next year."""

    config: str | None = None
    """The configuration, where the data set has several."""

    splits: tuple[str, ...] | None = None
    """The official splits to read; None reads all that have labels."""

    text_column: str = "text"
    label_column: str = "label"

    group_column: str | None = None
    """Rows with the same value here never stand in two parts of a split."""

    def load(self) -> Corpus:
        """Read the data set. Raises `DataError` with the remedy, within seconds if the hub cannot be reached."""
        if self.revision is not None and Path(self.name).expanduser().is_dir():
            raise DataError(
                f"data.revision is {self.revision!r}, but data.name, {self.name}, is a folder on this machine, "
                "which has no revisions; drop data.revision"
            )
        with opened(self.name, self.config, self.revision, remedy="give data.name a local folder") as data:
            tables = self.tables_of(data)
            declared = _class_names(next(iter(data.values())), self.label_column)
        labelled = {split: table for split, table in tables.items() if self.splits or not _unlabelled(table)}
        if not labelled:
            raise DataError(f"{self.name}: no split has labels in {self.label_column!r}; set data.label_column")
        skipped = [tables[split].where for split in tables if split not in labelled]
        present = {label for table in labelled.values() for label in table.labels}
        return build_corpus(
            labelled,
            empty_texts=self.empty_texts,
            class_names=None if declared is None else [name for name in declared if name in present],
            notes=[f"{where} has no labels and was left out." for where in skipped],
        )

    def tables_of(self, data: Mapping[str, "datasets.Dataset"]) -> dict[str, Table]:
        """The tables of the splits asked for, or of all. Classes have the names that the data set gives them."""
        for split in self.splits or ():
            if split not in data:
                near = get_close_matches(split, data, n=1)
                hint = f" (did you mean {near[0]!r}?)" if near else ""
                there = ", ".join(map(repr, data))
                raise DataError(f"data.splits names {split!r}; {self.name} has {there}{hint}")
        return {split: self._table(split, data[split]) for split in self.splits or data}

    def _table(self, split: str, rows: "datasets.Dataset") -> Table:
        names = _class_names(rows, self.label_column)

        def get(column: str) -> Sequence[Any]:
            values: list[Any] = rows.data.column(column).to_pylist()
            if column == self.label_column and names is not None:
                return [None if value is None or value < 0 else names[value] for value in values]
            return values

        columns = Columns(rows.column_names, get)
        where = f"{self.name}, split {split!r}"
        return pick_columns(where, columns, self.text_column, self.label_column, self.group_column)


def _class_names(rows: "datasets.Dataset", label_column: str) -> list[str] | None:
    """The names that the data set itself gives its classes, if it does."""
    names: list[str] | None = getattr(rows.features.get(label_column), "names", None)
    return names


def _unlabelled(table: Table) -> bool:
    return all(label is None or label == -1 for label in table.labels)


@contextmanager
def opened(
    name: str, config: str | None, revision: str | None, remedy: str
) -> Iterator[Mapping[str, "datasets.Dataset"]]:
    """The splits of a data set, to be read inside the `with`. `remedy` says what to do without the hub."""
    # Imported here: it takes over a second, which no other source should pay.
    import datasets

    local = Path(name).expanduser()
    with _quiet(), TemporaryDirectory() as scratch:
        if not local.is_dir():
            check_hub(name, revision, remedy)
        try:
            if local.is_dir():
                data = datasets.load_dataset(str(local), config, cache_dir=scratch)
            else:
                data = datasets.load_dataset(name, config, revision=revision)
        # The library promises no base class for what it raises over a data set that it cannot read.
        except Exception as error:
            said = " ".join(str(error.__cause__ or error).split())
            raise DataError(f"data: {name} cannot be read: {said:.500}; {remedy}") from error
        yield data


def check_hub(name: str, revision: str | None, remedy: str) -> None:
    """Ask the hub for the data set once, without the half minute of retries that loading would make.

    Raises `DataError` if the hub cannot be reached, or does not have it. Asks nothing where HF_HUB_OFFLINE is set:
    the hub's cache is used then.
    """
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    if huggingface_hub.constants.HF_HUB_OFFLINE:
        return
    try:
        huggingface_hub.HfApi().dataset_info(name, revision=revision, timeout=HUB_TIMEOUT_S)
    except HFValidationError as error:
        raise DataError(f"data: there is no folder {name}, and no data set on the hub has such a name") from error
    except HfHubHTTPError as error:
        at = f" at revision {revision!r}" if revision else ""
        raise DataError(
            f"data: the hub does not give {name!r}{at} ({type(error).__name__}); "
            f"check the name, log in with `hf auth login` if it is private or gated, or {remedy}"
        ) from error
    # What a failed connection raises depends on the hub client's version: requests, httpx, or its own.
    except Exception as error:
        raise DataError(
            f"data: the hub cannot be reached for {name!r} ({type(error).__name__}: {error}); {remedy}, "
            "or set HF_HUB_OFFLINE=1 if this machine has downloaded it before"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars and no log lines from `datasets` and the hub client; their settings come back after."""
    import datasets
    from huggingface_hub.utils import logging as hub_logging

    levels = datasets.logging.get_verbosity(), hub_logging.get_verbosity()
    bars = datasets.are_progress_bars_disabled()
    datasets.logging.set_verbosity_error()
    hub_logging.set_verbosity(logging.ERROR)
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        datasets.logging.set_verbosity(levels[0])
        hub_logging.set_verbosity(levels[1])
        if not bars:
            datasets.enable_progress_bars()
