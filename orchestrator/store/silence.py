"""Whether a holder is gone, also where its last sign of life bears a time that is yet to come.

The clocks of two machines differ, and one may be set back: until the time of such a stamp has come, it tells
nothing. So it is noted which stamps of a process this machine has seen, and when one last moved, by a clock that
nobody sets; whoever finds none moved a minute later, in whatever process, knows that nobody renews them.

    record/ahead/<of whom, and who looks>.json
"""

import contextlib
import json
import time
from typing import Any

from orchestrator.store.base import DamagedError, Store, StoreError, seal, unseal
from orchestrator.store.damage import sha256
from orchestrator.store.holder import EXPIRES_AFTER_S, Holder


def has_gone(store: Store, record: str, holder: Holder, now: float) -> bool:
    """Whether it has released, died or fallen silent. `record`: the name of what says so."""
    if holder.is_gone(now):
        return True
    is_ahead = holder.renewed > now + EXPIRES_AFTER_S
    return is_ahead and _unmoved_s(store, record, holder) > EXPIRES_AFTER_S


def forget(store: Store, holder: Holder) -> None:
    """Drop what is noted of one that is gone."""
    store.delete(_note_of(holder))


def _unmoved_s(store: Store, record: str, holder: Holder) -> float:
    """For how long this machine has seen no sign of life of that process."""
    note, now = _note_of(holder), time.monotonic()
    seen = _read(store, note) or {"stamps": {}, "moved": now}
    stamps: dict[str, float] = seen["stamps"]
    # Of a record that is looked at for the first time, an older stamp than others of that process is no news.
    has_moved = holder.renewed != stamps.get(record, min(holder.renewed, max(stamps.values(), default=0.0)))
    if has_moved or record not in stamps:
        seen = {"stamps": {**stamps, record: holder.renewed}, "moved": now if has_moved else seen["moved"]}
        with contextlib.suppress(StoreError):  # whoever may only read waits until its time has come
            store.replace(note, seal(seen))
    return now - float(seen["moved"])


def _note_of(holder: Holder) -> str:
    """Of this machine since its last start: within these alone can its monotonic times be compared."""
    me = Holder.this_process(0.0)
    who = [me.host, me.boot, holder.host, holder.boot, holder.pid, holder.started]
    return f"record/ahead/{sha256(json.dumps(who).encode())[:16]}.json"


def _read(store: Store, note: str) -> Any:
    data = store.read(note)
    try:
        return None if data is None else unseal(data, note)
    except DamagedError:
        return None
