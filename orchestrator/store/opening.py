"""From a URL to the store at it, and whether that store can be trusted with cells."""

import functools
import uuid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from orchestrator.store.base import Store, StoreError
from orchestrator.store.kinds import ALIASES, KINDS
from orchestrator.store.local import LocalStore
from orchestrator.store.object_storage import ObjectStore
from trainables.errors import UserError

KNOWN = ", ".join([*(f"{protocol}://BUCKET/PREFIX" for protocol in KINDS), "file:///FOLDER"])

MOUNTED = ("nfs", "sftp", "smb", "ssh")
"""Shared file systems: through fsspec they look and then write, where a mount of theirs may link."""


def checked_url(url: str) -> str:
    """The URL in the one form in which it is remembered. Raises UserError for one that can be no store."""
    protocol, found, place = url.partition("://")
    if set("@?#") & set(place.split("/")[0] if protocol == "file" else url):
        # Not shown: what is in it may be secret.
        raise UserError(
            "--store: this URL holds a password, a key or a query, which would be kept and shown with it; name the "
            "place alone, and set credentials in the environment"
        )
    if not found:
        raise UserError(
            f"--store {url}: a URL is wanted ({KNOWN}); for a folder on this machine "
            f"{Path(url).expanduser().absolute().as_uri()}"
        )
    if protocol == "file":
        parts = urlsplit(url)
        if parts.netloc not in ("", "localhost") or not parts.path.strip("/"):
            raise UserError(f"--store {url}: the path of a folder is wanted, with three slashes: file:///FOLDER")
        return Path(unquote(parts.path)).as_uri()
    protocol = ALIASES.get(protocol, protocol)
    if protocol in MOUNTED:
        raise UserError(
            f"--store {url}: cells cannot lie there, for through {protocol}:// of two writers of one name both "
            "would win; mount it on every machine that takes part, and name the folder: --store file:///FOLDER; "
            "`seedwise doctor` with that tries whether the mount can make hard links"
        )
    if protocol not in KINDS:
        raise UserError(
            f"--store {url}: cells cannot lie there, for it is not known to refuse the second of two writers of "
            f"one name; use one of {KNOWN}"
        )
    bucket, *folders = place.rstrip("/").split("/")
    if not bucket or any(part in ("", ".", "..") for part in folders):
        raise UserError(f"--store {url}: {protocol}://BUCKET/PREFIX is wanted")
    return f"{protocol}://{place.rstrip('/')}"


@functools.cache
def open_store(url: str) -> Store:
    """The store at a checked URL. Nothing is asked of it yet."""
    if url.startswith("file://"):
        return LocalStore(Path(unquote(urlsplit(url).path)), "--store")
    return ObjectStore(url)


def check_store(store: Store) -> None:
    """Raise StoreError unless records can be created there, once each, read, listed and deleted."""
    if isinstance(store, ObjectStore):
        store = ObjectStore(store.url, tries=1)  # whoever waits for an answer would rather hear of it soon
    name = f"probes/{uuid.uuid4().hex}"
    created = store.create(name, b"first")
    try:
        if not created or store.create(name, b"second") or store.read(name) != b"first":
            raise StoreError(
                f"{store.url} lets a record be created twice, so that of two writers the second would undo the "
                "first; choose another place for the cells with --store or --home"
            )
        if name not in store.names("probes"):
            raise StoreError(f"{store.url} does not list what has just been written; choose another place")
    finally:
        store.delete(name)
