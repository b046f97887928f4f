"""What a data source is: settings that can load themselves into a `Corpus`."""

from abc import ABC, abstractmethod
from typing import Literal

from trainables.data.corpus import Corpus
from trainables.settings import Settings


class Source(Settings, ABC):
    """Where labelled texts come from. Each source adds `source: Literal["<name>"]`, the key of its union."""

    empty_texts: Literal["error", "drop"] = "error"
    """What to do with rows whose text is empty or blank: refuse the data (the default), or leave them out."""

    @abstractmethod
    def load(self) -> Corpus:
        """Read everything. Raises `DataError` with the remedy where that cannot be done."""
