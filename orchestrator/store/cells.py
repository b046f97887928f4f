"""Cells in a store, by key: what is kept of each, whatever try of it counts.

A cell has one try, unless its outcome was given up (`superseded.py`). Whoever trains it works on the try that
counted when they took it up (`cell_try.py`); whoever reads asks here, for the one that counts now. Neither deletes
what a reader takes for true, so that it does no harm if one of them stands still for an hour and is back.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from torch import Tensor

from orchestrator.store.base import Store, seal
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.cell_try import CellTry, StoredResult
from orchestrator.store.damage import read_sound
from orchestrator.store.numbered import append, by_number
from orchestrator.store.side_by_side import of_each
from trainables.records import EpochRecord

if TYPE_CHECKING:
    import pandas as pd  # below where they are needed: a run with nothing to do needs no frame

T = TypeVar("T")


class CellStore:
    """Reads cells by key, and notes what was asked of them."""

    def __init__(self, store: Store):
        self.store = store

    def of_each(self, keys: Iterable[str], read: Callable[[str], T]) -> dict[str, T]:
        """What `read` gives for each of many cells, as many at once as the store answers side by side."""
        return of_each(self.store, keys, read)

    # What was asked for, and by whom it was taken up

    def begin(self, key: str, settings: dict[str, Any]) -> None:
        """Note the settings of a cell; the same settings are noted once."""
        self.store.create(CellPaths(key).settings, seal(settings))

    def settings(self, key: str) -> dict[str, Any] | None:
        """What was asked for; None if it was never begun, or the record was damaged and has been set aside."""
        content: dict[str, Any] | None = read_sound(self.store, CellPaths(key).settings)
        return content

    def add_session(self, key: str, session: dict[str, Any]) -> None:
        """Note that a worker takes the cell up: environment, time, which try, and the step that it goes on from."""
        append(self.store, CellPaths(key).sessions, seal(session))

    def sessions(self, key: str) -> list[dict[str, Any]]:
        """Of all its tries; `of_newest_try` has those that count."""
        return self._numbered(CellPaths(key).sessions)

    def add_failure(self, key: str, failure: dict[str, Any]) -> None:
        """Note that the cell's own code raised: `error`, `traceback`, `at`, `epoch`."""
        append(self.store, CellPaths(key).failures, seal(failure))

    def failures(self, key: str) -> list[dict[str, Any]]:
        return self._numbered(CellPaths(key).failures)

    # What training has left

    def standing(self, key: str) -> tuple[CellTry, StoredResult | None]:
        """The try that counts, and its result if it has one.

        Only an outcome that is no finished one is ever given up, so most cells are known by their result alone. One
        that was given up, damaged, trained again and has finished after all counts. A next try that has begun says
        of an outcome that it was given up, too: the record of that may have been deleted.
        """
        of = CellTry(self.store, key)
        while not _is_finished(stored := of.result()):
            if not of.is_superseded() and (stored is None or not of.next().is_begun()):
                break
            of = of.next()
        return of, stored

    def newest_try(self, key: str) -> CellTry:
        """The one that counts: for whoever is to train it."""
        return self.standing(key)[0]

    def history(self, key: str) -> list[EpochRecord]:
        """The sound epochs from the first on, without a gap."""
        return self.newest_try(key).history()

    def epochs_stored(self, key: str) -> int:
        """How many epochs are stored; none of them is read."""
        return self.newest_try(key).epochs_stored()

    def result(self, key: str) -> StoredResult | None:
        """The cell's result; None as long as it is not done. A damaged one is set aside: the cell is not done."""
        return self.standing(key)[1]

    def results(self, keys: Iterable[str]) -> dict[str, StoredResult]:
        """The results of those of many cells that are done, in the order of `keys`."""
        found = self.of_each(keys, self.result)
        return {key: result for key, result in found.items() if result is not None}

    def is_done(self, key: str) -> bool:
        return self.result(key) is not None

    def predictions(self, key: str, part: str) -> "pd.DataFrame":
        """Per item of the part: `row`, `label`, `logit_0` …, `log_probability_0` …"""
        of, stored = self._with(key, part)
        return of.predictions(stored, part)

    def weights(self, key: str) -> dict[str, Tensor]:
        """The last epoch's parameters by name, and `live_tokens`."""
        of, stored = self._with(key, "weights")
        return of.weights(stored)

    def file(self, key: str, stored: StoredResult, role: str) -> bytes:
        """A file that the cell's result refers to; raises DamagedError as `CellTry.file` does."""
        return self.newest_try(key).file(stored, role)

    # Within

    def _with(self, key: str, role: str) -> tuple[CellTry, StoredResult]:
        of, stored = self.standing(key)
        if stored is None or role not in stored.files:
            raise KeyError(f"cell {key} has no {role}")
        return of, stored

    def _numbered(self, folder: str) -> list[Any]:
        """The contents of a folder's sound records, by number."""
        contents = [read_sound(self.store, name) for name in by_number(self.store, folder).values()]
        return [content for content in contents if content is not None]


def of_newest_try(sessions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the try that was taken up last: what the cell is now, only they have trained."""
    sessions = list(sessions)
    newest = max(map(_try_of, sessions), default=1)
    return [session for session in sessions if _try_of(session) == newest]


def _try_of(session: dict[str, Any]) -> int:
    number: int = session.get("try", 1)  # not noted by an earlier version
    return number


def _is_finished(stored: StoredResult | None) -> bool:
    return stored is not None and stored.result.status == "finished"
