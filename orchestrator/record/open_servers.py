"""Where, beside its own database, runs of a home may be shown as RUNNING: at servers, by drivers that live or died.

    <home>/record/servers/<hash>.json   sweep and tracking URI; from before a run is made until all are closed

That of a killed driver or sync stays, and tells the next command whom to ask. An address that may hold a secret is
not kept.
"""

import contextlib
import hashlib
import time
from collections.abc import Iterator

from orchestrator.addresses import holds_secret
from orchestrator.store import Home, LocalStore, StoreError, living_drivers
from orchestrator.store.base import seal
from orchestrator.store.damage import read_sound
from trainables.settings import Settings

FOLDER = "record/servers"


class Shown(Settings):
    """A sweep whose runs may be shown as RUNNING at a server."""

    sweep: str
    uri: str

    @property
    def record(self) -> str:
        return f"{FOLDER}/{hashlib.sha256(f'{self.sweep} {self.uri}'.encode()).hexdigest()[:16]}.json"


def note_shown(home: Home, sweep: str, uri: str) -> None:
    """To be called by whoever records, before anything is shown."""
    if uri == home.tracking_uri or holds_secret(uri):
        return
    store, shown = LocalStore(home.root), Shown(sweep=sweep, uri=uri)
    with contextlib.suppress(StoreError):  # a full home is no reason to show nothing
        if store.read(shown.record) is None:
            store.replace(shown.record, seal(shown.model_dump()))


def forget_shown(home: Home, sweep: str, uri: str) -> None:
    """To be called when nothing is shown as RUNNING any more that does not run; drivers that live need the note."""
    if not living_drivers(home.store(), sweep, time.time()):
        LocalStore(home.root).delete(Shown(sweep=sweep, uri=uri).record)


def noted_shown(home: Home) -> Iterator[Shown]:
    store = LocalStore(home.root)
    for name in store.names(FOLDER):
        if (content := read_sound(store, name)) is not None:
            yield Shown.model_validate(content)
