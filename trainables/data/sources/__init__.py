"""Where labelled texts come from: one file per source, each loading itself into a `Corpus`.

To add a source, write `<name>.py` with a `Source` whose `source: Literal["<name>"]` is its key, and add it to
`AnySource`; the contract tests then ask for an example of it.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field

from trainables.data.sources.base import Source
from trainables.data.sources.files import FilesSource
from trainables.data.sources.huggingface import HuggingFaceSource
from trainables.data.sources.imdb import ImdbSource
from trainables.data.sources.synthetic import SyntheticSource
from trainables.settings import named

__all__ = ["AnySource", "FilesSource", "HuggingFaceSource", "ImdbSource", "Source", "SyntheticSource"]

AnySource = Annotated[
    ImdbSource | HuggingFaceSource | FilesSource | SyntheticSource,
    Field(discriminator="source"),
    BeforeValidator(lambda value: named(value, "source")),
]
"""Any source by its key `source`; a bare name, `data: imdb`, is short for `{source: imdb}`."""
