"""A store whose user dies, or is refused, at a chosen change."""

from typing import Any

from orchestrator.store import Store


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the worker may catch it."""


class MortalStore:
    """A store that lets so many changes happen, and at the next one raises instead."""

    def __init__(self, store: Store, changes_left: int, error: type[BaseException]):
        self._store, self._left, self._error = store, changes_left, error

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._store, name)
        if name not in ("create", "replace", "delete"):
            return call

        def changing(*arguments: Any) -> Any:
            if self._left == 0:
                raise self._error("no more")
            self._left -= 1
            return call(*arguments)

        return changing
