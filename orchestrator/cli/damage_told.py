"""Says which records were found damaged, and what became of it. Whoever found them, in whatever process.

On standard error, so that what scripts read stays what it is; and at a command's end, however it ends.
"""

import contextlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from orchestrator.reached import START, Reached
from orchestrator.record.home_id import COPY
from orchestrator.store import CellStore, Home, LocalStore, Store, SweepStore
from orchestrator.store.damage import Damage, noted_damage
from orchestrator.store.done_cells import is_whole
from orchestrator.store.sweeps import SweepPaths
from trainables.errors import UserError


@contextlib.contextmanager
def telling_damage(home: Path | None, url: str | None, *sweeps: str) -> Iterator[None]:
    """Whatever happens inside, say at the end what damage is noted of these sweeps and has not been said.

    `url`: where the cells lie, if that was named.
    """
    try:
        yield
    finally:
        with contextlib.suppress(UserError):  # what cannot be read has been told of, or will be
            place = Home.at(home, url)
            if place.store_url:  # what the home itself keeps then is noted there
                _tell(LocalStore(place.root), sweeps)
            _tell(place.store(), sweeps)


def _tell(store: Store, sweeps: Iterable[str]) -> None:
    for sweep in sweeps:
        for sentence, notes in damage_sentences(store, sweep):
            print(f"damaged: {sentence}", file=sys.stderr)
            for note in notes:
                store.delete(note)


def damage_sentences(store: Store, sweep: str) -> Iterator[tuple[str, list[str]]]:
    """One sentence for the plan and for each cell that is concerned, with the names of its notes."""
    noted = noted_damage(store)
    if not noted:
        return
    plan = SweepStore(store).plan(sweep)
    arms = {cell["key"]: f"{cell['arm']}, seed {cell['seed']}" for cell in plan["cells"]} if plan else {}
    by_cell: dict[str, dict[str, Damage]] = {}
    of_no_loss = (f"{SweepPaths(sweep).drivers}/", f"{SweepPaths(sweep).record}/", "record/", COPY)
    for note, damage in noted.items():
        if damage.record == SweepPaths(sweep).plan:
            became = "it has been written anew" if plan else f"the next run of {sweep} writes it anew"
            yield f"the plan of {sweep} {_found(damage, store)}; {became}", [note]
        elif damage.record.startswith(of_no_loss):
            yield f"{damage.record} {_found(damage, store)}; nothing is lost by it", [note]
        elif damage.record.startswith(f"sweeps/{sweep}/"):  # a note of what was planned or shown
            yield f"{damage.record} {_found(damage, store)}; {_unknown_of(sweep if plan else None)}", [note]
        elif (key := damage.record.split("/")[1]) in arms:
            by_cell.setdefault(key, {})[note] = damage
    for key, of_cell in by_cell.items():
        found = [
            f"{damage.record.removeprefix(f'cells/{key}/')} {_found(damage, store)}" for damage in of_cell.values()
        ]
        yield f"{arms[key]}: {', '.join(found)}; {_became(CellStore(store), key, of_cell)}", list(of_cell)


def _unknown_of(sweep: str | None) -> str:
    """What a lost note costs; None where it is not known which runs it was of."""
    return (
        f"nobody knows what it said, so that verdicts on {f'runs of {sweep}' if sweep else 'any runs here'} are "
        "judged as a later look's, but for those that are known to have been shown"
    )


def _found(damage: Damage, store: Store) -> str:
    return damage.what + (f" (kept as {store.url}/{damage.kept})" if damage.kept else "")


def _became(cells: CellStore, key: str, found: Mapping[str, Damage]) -> str:
    since = min(damage.at for damage in found.values())
    taken_up = [Reached.of(session) for session in cells.sessions(key) if session["at"] >= since]
    if taken_up:
        said = "it was trained again from the start" if taken_up[0] == START else f"it went on {taken_up[0]}"
        return f"{said} and is finished" if is_whole(cells, key) else said
    if is_whole(cells, key):
        return "the cell itself is whole"
    return "the next run of the sweep trains it again as far as need be"
