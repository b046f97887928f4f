"""What can be seen of the cells of a home, by one listing of all of them."""

import re
from collections import Counter
from collections.abc import Collection
from functools import cached_property

from orchestrator.store.base import Store

OF_A_TRY = re.compile(r"cells/([^/]+)/(?:try-\d+/)?(?:history/(?:(superseded)|\d+)|result)\.json")


class SeenCells:
    """As the store is when it is first asked; no record is read."""

    def __init__(self, store: Store):
        self._store = store

    @cached_property
    def begun(self) -> frozenset[str]:
        """Those of which an epoch or a result is there."""
        return frozenset(match[1] for match in self._records)

    def tries(self, keys: Collection[str]) -> frozenset[tuple[str, int]]:
        """Of those of these cells that have been tried again, the try that they are at."""
        given_up = Counter(match[1] for match in self._records if match[2])
        return frozenset((key, 1 + given_up[key]) for key in given_up.keys() & set(keys))

    @cached_property
    def _records(self) -> list[re.Match[str]]:
        return [match for name in self._store.names("cells") if (match := OF_A_TRY.fullmatch(name))]
