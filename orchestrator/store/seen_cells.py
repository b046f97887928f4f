"""What can be seen of the cells of a home, by one listing of all of them."""

import re
from collections.abc import Collection

from orchestrator.store.base import Store

OF_A_TRY = re.compile(r"cells/([^/]+)/(?:try-(\d+)/)?(?:history/(?:(superseded)|\d+)|result)\.json")


class SeenCells:
    """As the store is when it is first asked; no record is read."""

    def __init__(self, store: Store):
        self._store = store
        self._seen: list[re.Match[str]] | None = None

    @property
    def begun(self) -> frozenset[str]:
        """Those of which an epoch or a result is there."""
        return frozenset(match[1] for match in self._records())

    def tries(self, keys: Collection[str]) -> frozenset[tuple[str, int]]:
        """Of those of these cells that have been tried again, the try that they are at."""
        newest = dict.fromkeys(keys, 1)
        for match in self._records():
            if match[1] in newest:
                number = int(match[2] or 1) + bool(match[3])  # one that was given up says that there is a next
                newest[match[1]] = max(newest[match[1]], number)
        return frozenset((key, number) for key, number in newest.items() if number > 1)

    def _records(self) -> list[re.Match[str]]:
        if self._seen is None:  # no cached_property: Python 3.11 has one lock for all instances' stores
            found = (OF_A_TRY.fullmatch(name) for name in self._store.names("cells"))
            self._seen = [match for match in found if match]
        return self._seen
