"""Many records at once: as many side by side as the store answers, for one that is far away takes its time."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from orchestrator.store.base import Store

T = TypeVar("T")


def of_each(store: Store, names: Iterable[str], read: Callable[[str], T]) -> dict[str, T]:
    """What `read` gives for each name, in their order."""
    names = list(names)
    with ThreadPoolExecutor(store.at_once) as pool:
        try:
            return dict(zip(names, pool.map(read, names), strict=True))
        finally:
            pool.shutdown(cancel_futures=True)  # one that fails speaks for those that have not been asked yet
