"""What a place for durable records must be able to do, whatever it is made of.

Names are relative, with `/` between folders. Every write is whole or absent: a reader never sees half of one. The
operation that carries the promises of this project is `create`, which never replaces: of two writers one wins, and
the other takes over what it finds stored.
"""

import hashlib
import json
from typing import Any, Protocol

from trainables.errors import UserError

BEFORE, AFTER = b'{\n "content": ', b',\n "sha256": "%s"\n}'
"""What stands around the content of a sealed record."""


class StoreError(UserError):
    """The store cannot be read or written: no space, no permission, no such place."""


class DamagedError(UserError):
    """A stored record is not what was written. Noticed by its checksum; never read as truth."""


class Store(Protocol):
    """Durable bytes by name."""

    @property
    def url(self) -> str:
        """Where it is, in words that a user can act on; `/` and a record's name after it say where that is."""
        ...

    @property
    def at_once(self) -> int:
        """How many calls are worth making side by side: many, where each waits for an answer from far away."""
        ...

    def create(self, name: str, data: bytes) -> bool:
        """Write a new record, durable on return. False, and nothing written, if the name exists.

        True also where an earlier try of this very call wrote it and its answer was lost. A store may know that by
        the bytes alone: who must be the only one to be told True puts a time and a process into them.
        """
        ...

    def replace(self, name: str, data: bytes) -> None:
        """Write a record, durable on return, whether or not the name exists."""
        ...

    def read(self, name: str) -> bytes | None:
        """The record's bytes; None if there is none."""
        ...

    def names(self, prefix: str) -> list[str]:
        """The names of all records in the folder `prefix` and below it, sorted; whole names."""
        ...

    def delete(self, name: str) -> None:
        """Remove a record; nothing happens if there is none."""
        ...


def seal(content: Any) -> bytes:
    """JSON that carries its own checksum."""
    content = json.loads(json.dumps(content))  # as it will be read: every key a string
    return _sealed(_json(content))


def unseal(data: bytes, name: str) -> Any:
    """The content of a sealed record. Raises DamagedError if a single bit of it has changed."""
    written = data[len(BEFORE) : -len(AFTER % (b"0" * 64))].replace(b"\n ", b"\n")
    # Bytes against bytes: a bit flipped in the last digit of a number may leave its value as it was. They are put
    # together from those that were read: to write the content anew takes several times as long as to read it.
    if _sealed(written) != data:
        raise DamagedError(f"{name} is damaged: it is not what was written")
    return json.loads(written)


def _json(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, indent=1).encode()


def _sealed(content: bytes) -> bytes:
    """`content`, which is JSON, as one value of an object, and its checksum as the other."""
    checksum = hashlib.sha256(content).hexdigest().encode()
    return BEFORE + content.replace(b"\n", b"\n ") + AFTER % checksum
