"""Folders of records that are named by number, `cells/<key>/history/0012.json`.

What else lies there is nobody's record, and is not looked at: a file manager's `desktop.ini`, a synchroniser's
`0002 (conflicted copy).json`.
"""

import re

from orchestrator.store.base import Store

NAME = re.compile(r"(\d+)\.json")


def by_number(store: Store, folder: str) -> dict[int, str]:
    """The names of a folder's records, from the lowest number on. (As text, 10000 comes before 9999.)"""
    found = ((NAME.fullmatch(name.removeprefix(f"{folder}/")), name) for name in store.names(folder))
    return dict(sorted((int(match[1]), name) for match, name in found if match))


def append(store: Store, folder: str, record: bytes) -> None:
    """Create a record under the next number."""
    number = max(by_number(store, folder), default=0) + 1
    while not store.create(f"{folder}/{number:04d}.json", record):
        number += 1
