"""What a run said that left nothing to be done, kept so that the next one can say it again at once.

To compare and draw a thousand cells takes minutes, and gives the same again where nothing has changed: plan, sweep
file, results, the looks at them, where MLflow is, the report, and seedwise itself. So a run that finds all these as
they were says it again. Whether MLflow holds it, too, is another question, for MLflow may be away or slow: where it
does not, it is recorded (`late_record.py`), and nothing else is done; `seedwise sync` goes through MLflow anyway.
"""

import hashlib
import json
from typing import Any

from orchestrator.cli.next_steps import Help
from orchestrator.environment import versions
from orchestrator.plan import Plan
from orchestrator.record.database import file_of, shown_ended
from orchestrator.record.files import digest
from orchestrator.record.home_id import known_home_id
from orchestrator.store import CellStore, Home, SweepStore
from orchestrator.store.done_cells import intact_result
from orchestrator.store.noted_looks import look_note
from orchestrator.store.noted_plans import plan_note
from trainables.settings import Settings


class Word(Settings):
    """The end of a run."""

    of: str
    """A digest of all that it rests on."""
    said: str
    report: str
    """Its page, in the home."""
    report_digest: str = ""
    """Of all files beside it."""
    exit_code: int
    note: str | None = None
    """What MLflow shows as the sweep's description."""
    recorded: bool = False
    """Whether MLflow was seen to hold all of it."""
    helps: Help | None = None
    """What would settle what it left open."""


class LastWord:
    """The last word on one sweep as it is planned now."""

    def __init__(self, home: Home, plan: Plan, source_text: str, tracking_uri: str | None):
        self.home, self.plan, self.source_text = home, plan, source_text
        self.tracking_uri = tracking_uri or home.tracking_uri
        self._sweeps = SweepStore(home.store())

    def found(self) -> Word | None:
        """What the last run said, if nothing has changed since; None if something is to be trained or compared."""
        content = self._sweeps.last_word(self.plan.spec.name)
        word = None if content is None else Word.model_validate(content)
        if (
            word is None
            or word.report_digest != digest((self.home.root / word.report).parent)
            or word.of != self._digest()
        ):
            return None
        return word

    @property
    def is_embedded(self) -> bool:
        """Whether it is recorded in the home's own database, which is looked at."""
        return self.tracking_uri == self.home.tracking_uri

    def is_shown(self, word: Word) -> bool:
        """Whether it is all in MLflow, whose database must still have all runs, and files of them.

        A server that held all of it at the end is not asked.
        """
        if not word.recorded or not self.is_embedded:
            return word.recorded
        path, own, name = file_of(self.tracking_uri), known_home_id(self.home.store()), self.plan.spec.name
        if path is None or own is None or not (self.home.artifacts / name).is_dir():
            return False
        return {"", *(cell.key for cell in self.plan.cells)} <= shown_ended(path, own, name)

    def keep(self, said: str, report: str, exit_code: int, note: str, helps: Help | None) -> Word | None:
        """To be called when all cells have results and the report shows them; None if that is not so."""
        if not (of := self._digest()):
            return None
        of_report = digest((self.home.root / report).parent)
        word = Word(
            of=of, said=said, report=report, report_digest=of_report, exit_code=exit_code, note=note, helps=helps
        )
        self._sweeps.keep_last_word(self.plan.spec.name, word.model_dump())
        return word

    def note_recorded(self, word: Word) -> None:
        """To be called when MLflow holds all of it."""
        self._sweeps.keep_last_word(self.plan.spec.name, word.model_dump() | {"recorded": True})

    def take_back(self) -> None:
        """To be called before anything is changed that it rests on."""
        self._sweeps.drop_last_word(self.plan.spec.name)

    def _notes(self) -> list[Any]:
        """Those of these cells, or by this name."""
        name, keys = self.plan.spec.name, frozenset(cell.key for cell in self.plan.cells)
        notes = self._sweeps.notes()
        plans = [plan_note(plan) for plan in notes.plans if plan.sweep == name or plan.cells & keys]
        looks = [look_note(look) for look in notes.looks if look.sweep == name or look.question.cells & keys]
        return [plans, looks, notes.may_lack(keys)]

    def _digest(self) -> str:
        """Empty unless every cell has a result, and all that belongs to it."""
        keys = [cell.key for cell in self.plan.cells]
        cells = CellStore(self.home.store())
        results = {
            key: stored.model_dump()
            for key, stored in cells.of_each(keys, lambda key: intact_result(cells, key)).items()
            if stored is not None
        }
        if len(results) < len(keys):
            return ""
        rests_on = (
            versions()["seedwise"],
            self.plan.stored() | {"planned_at": None},
            self.source_text,
            self.tracking_uri,
            self._notes(),
            results,
        )
        return hashlib.sha256(json.dumps(rests_on, sort_keys=True).encode()).hexdigest()
