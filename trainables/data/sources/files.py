"""People's own data: one file, or one file per official split."""

import os
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from trainables.data.corpus import Corpus
from trainables.data.sources.base import Source
from trainables.data.sources.columns import Table, build_corpus, pick_columns
from trainables.data.sources.reading import find_file, read_columns
from trainables.errors import DataError

ClassName = Annotated[str, Field(coerce_numbers_to_str=True)]


class FilesSource(Source):
    """CSV, TSV, JSONL, JSON or parquet, the text ones also compressed (.gz, .bz2, .xz, .zip); two classes or more.

    Relative paths are seen from the working directory.
    """

    source: Literal["files"] = "files"

    path: str | None = None
    """One file with everything: it becomes the official split `all`."""

    train: str | None = None
    """The file of the official split `train`, instead of `path`."""

    validation: str | None = None
    """The file of the official split `validation`, if there is one."""

    test: str | None = None
    """The file of the official split `test`, if there is one."""

    text_column: str = "text"
    label_column: str = "label"

    group_column: str | None = None
    """Rows with the same value here (an author, a product) never stand in two parts of a split."""

    labels: Annotated[tuple[ClassName, ...], Field(min_length=2)] | None = None
    """The classes in their order. None: numbers by size, words by alphabet."""

    separator: str | None = Field(default=None, min_length=1, max_length=1)
    """What parts the fields of a CSV or TSV file; None: a comma or a tab, by the file's ending."""

    quoted: bool = True
    """Whether fields of a CSV or TSV file may stand in quotation marks; false takes those as characters."""

    @property
    def paths(self) -> dict[str, str]:
        """The files by official split."""
        paths = {"all": self.path, "train": self.train, "validation": self.validation, "test": self.test}
        return {split: path for split, path in paths.items() if path is not None}

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.path is None) == (self.train is None) or (self.path is not None and len(self.paths) > 1):
            raise ValueError("give either path (one file) or train (with validation and test, if you have them)")
        seen: dict[str, str] = {}
        for split, path in self.paths.items():
            other = seen.setdefault(os.path.normpath(path), split)
            if other != split:
                raise ValueError(
                    f"{other} and {split} are the same file, {path}; leave {split} out to draw it from {other}"
                )
        if self.labels is not None and len(set(self.labels)) < len(self.labels):
            raise ValueError(f"labels names a class twice: {', '.join(self.labels)}")
        return self

    def load(self) -> Corpus:
        """Read the files. Raises `DataError` with the file, the row and the remedy."""
        notes = []
        if self.path is not None:
            notes.append(f"{self.path} has no official split: every part is drawn from it by the split's seed.")
        return build_corpus(
            {split: self._read(split, path) for split, path in self.paths.items()},
            empty_texts=self.empty_texts,
            class_names=self.labels,
            notes=notes,
        )

    def _read(self, split: str, path: str) -> Table:
        try:
            file = find_file(path)
        except DataError as error:
            raise DataError(f"data.{'path' if split == 'all' else split}: {error}") from error
        columns = read_columns(file, separator=self.separator, quoted=self.quoted)
        return pick_columns(str(file), columns, self.text_column, self.label_column, self.group_column)
