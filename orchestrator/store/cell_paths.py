"""The one place that knows the names of a cell's records.

cells/<key>/settings.json            every declared setting
            sessions/0001.json       each time a worker took it up: environment, which try, from where on
            failures/0001.json       each time its own code raised
            lease/000001.json        who works on it
            history/0001.json        one record an epoch
            history/superseded.json  the outcome of this try was given up: the next one counts
            checkpoint/…             the newest two states of its training
            files/<role>-<hash>.…    predictions by part, weights; named by content, referred to by the result
            result.json              created last: the cell is done when it exists
            try-2/                   where the first was given up: history, checkpoint, files, result of the next
"""


class CellPaths:
    """Of a cell, and of one of its tries."""

    def __init__(self, key: str, try_number: int = 1):
        self.folder = f"cells/{key}"
        self.settings = f"{self.folder}/settings.json"
        self.sessions = f"{self.folder}/sessions"
        self.failures = f"{self.folder}/failures"
        self.lease = f"{self.folder}/lease"
        # Of the try: the first lies in the cell's own folder, the others below it.
        self.of_try = self.folder if try_number == 1 else f"{self.folder}/try-{try_number}"
        self.history = f"{self.of_try}/history"
        self.superseded = f"{self.history}/superseded.json"
        self.checkpoints = f"{self.of_try}/checkpoint"
        self.files = f"{self.of_try}/files"
        self.result = f"{self.of_try}/result.json"

    def epoch(self, number: int) -> str:
        """The record of the try's epoch of that number, from 1."""
        return f"{self.history}/{number:04d}.json"
