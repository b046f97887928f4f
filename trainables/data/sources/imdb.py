"""The Large Movie Review Dataset (Maas et al., "Learning Word Vectors for Sentiment Analysis", ACL 2011).

Half of its 50,000 reviews are the official split `train`, half `test`; the two halves share (but for one) no movie.
It is read from the hub, or from any of the forms in which people keep it: parquet files, the published folder, or
the CSV that goes round. That one has lost the official split, and so is given halves of its own.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from trainables.data.corpus import Corpus, LabelledTexts
from trainables.data.drawing import share_out
from trainables.data.sources.base import Source
from trainables.data.sources.columns import Table, build_corpus, pick_columns
from trainables.data.sources.huggingface import HuggingFaceSource, opened
from trainables.data.sources.reading import Remedies, find_file, read_columns, read_text
from trainables.errors import DataError

HUB_NAME = "stanfordnlp/imdb"
HUB_REVISION = "e6281661ce1c48d982bc483cf8a173c1bbeb5d31"
CLASS_NAMES = ("negative", "positive")
SPLITS = ("train", "test")
REMEDY = (
    "set data.path to a local copy: a folder of train*.parquet and test*.parquet, the published aclImdb folder, "
    "or the CSV with the columns review and sentiment"
)


OTHER_CSV = "for a CSV of another kind use {source: files}"
READ_OTHERWISE = Remedies("data.source: files, and data.separator:", "data.source: files, and data.quoted: false")
CSV_STREAM = "imdb csv halves"
"""The stream that the CSV's halves are drawn from: the same for every sweep, whatever its seeds."""


class ImdbSource(Source):
    """50,000 movie reviews, half of them positive, in official halves for training and testing."""

    source: Literal["imdb"] = "imdb"

    path: str | None = None
    """A local copy: a folder of parquet files, the published aclImdb folder, or the CSV with the columns review and
    sentiment (whose halves are not the official ones). None: stanfordnlp/imdb from the hub, at a fixed commit."""

    def load(self) -> Corpus:
        """Read the reviews. Where the movies are known, they are the groups.

        Raises `DataError` if the hub cannot be reached or the path holds no form of the data set.
        """
        if self.path is None:
            with opened(HUB_NAME, None, HUB_REVISION, REMEDY) as data:
                halves = HuggingFaceSource(name=HUB_NAME, splits=SPLITS).tables_of(data)
                tables = {split: _plain_classes(table) for split, table in halves.items()}
        else:
            path = Path(self.path).expanduser().absolute()
            if not path.is_dir():
                return self._load_csv(find_file(path))
            tables = _read_folder(path)
        return build_corpus(tables, empty_texts=self.empty_texts, class_names=CLASS_NAMES)

    def _load_csv(self, file: Path) -> Corpus:
        corpus = build_corpus({"all": _read_csv(file)}, empty_texts=self.empty_texts, class_names=CLASS_NAMES)
        halves = draw_halves(corpus.splits["all"])
        sizes = " and ".join(f"{name} ({len(rows):,} rows)" for name, rows in halves.items())
        note = (
            f"{file.name} has no official split: its halves {sizes} are drawn by a hash of each text. Reviews of "
            "one movie stand in both, so figures on them are not comparable with those on the official halves."
        )
        return replace(corpus, splits=halves, notes=(*corpus.notes, note))


def draw_halves(rows: LabelledTexts) -> dict[str, LabelledTexts]:
    """Halves `train` and `test` of the same class shares, within one row.

    In each class the texts are put in the order of their SHA-256 under `CSV_STREAM`, which is as good as random;
    the first go to `train`, the others to `test`. So neither the halves nor the order within them depend on the
    order of the rows, and copies of a text stand side by side: at most one text of each class is in both halves.
    """
    hashes = [
        hashlib.sha256(f"{CSV_STREAM}/{text}".encode("utf-8", "surrogatepass")).digest() for text in rows.texts
    ]
    order = np.array(sorted(range(len(rows)), key=hashes.__getitem__), np.int64)
    of_class = [order[rows.labels[order] == label] for label in range(len(CLASS_NAMES))]
    sizes = [len(rows) - len(rows) // 2, len(rows) // 2]
    for_train_C = share_out(sizes, [len(members) for members in of_class])[0]
    in_train = np.zeros(len(rows), bool)
    for members, num_train in zip(of_class, for_train_C, strict=True):
        in_train[members[:num_train]] = True
    halves = {"train": order[in_train[order]], "test": order[~in_train[order]]}
    return {
        name: LabelledTexts([rows.texts[row] for row in chosen], rows.labels[chosen])
        for name, chosen in halves.items()
    }


def _read_folder(folder: Path) -> dict[str, Table]:
    for inner in (folder, folder / "plain_text", folder / "data", folder / "aclImdb"):
        parquet = {split: sorted(inner.glob(f"{split}*.parquet")) for split in SPLITS}
        if all(parquet.values()):
            return {split: _read_parquet(files) for split, files in parquet.items()}
        if all((inner / split / side[:3]).is_dir() for split in SPLITS for side in CLASS_NAMES):
            return {split: _read_published(inner / split) for split in SPLITS}
    there = ", ".join(sorted(entry.name for entry in folder.iterdir())[:10]) or "nothing"
    raise DataError(f"data.path: {folder} holds no form of IMDB (there is: {there}); {REMEDY}")


def _read_parquet(files: Sequence[Path]) -> Table:
    """Columns `text` and `label` (0, 1), and `movie` where it is known."""
    parts = [read_columns(file) for file in files]
    group = "movie" if all("movie" in part.names for part in parts) else None
    tables = [
        pick_columns(str(file), part, "text", "label", group) for file, part in zip(files, parts, strict=True)
    ]
    return _plain_classes(
        Table(
            tables[0].where if len(tables) == 1 else f"{files[0].parent}/{files[0].name} and {len(files) - 1} more",
            [text for table in tables for text in table.texts],
            [label for table in tables for label in table.labels],
            None if group is None else [movie for table in tables for movie in table.groups or ()],
        )
    )


def _read_published(folder: Path) -> Table:
    """`neg/<id>_<rating>.txt` and `pos/…`, by class and id; line i of urls_neg.txt names the movie of review i."""
    texts: list[str] = []
    labels: list[str] = []
    movies: list[str | None] = []
    for name in CLASS_NAMES:
        side = name[:3]
        urls = folder / f"urls_{side}.txt"
        movie_of = re.findall(r"tt\d+", read_text(urls)) if urls.is_file() else []
        files = (folder / side).glob("[0-9]*_*.txt")
        for number, file in sorted((int(file.stem.split("_")[0]), file) for file in files):
            texts.append(read_text(file))
            labels.append(name)
            movies.append(movie_of[number] if number < len(movie_of) else None)
    return Table(str(folder), texts, labels, movies if all(movies) and movies else None)


def _read_csv(file: Path) -> Table:
    columns = read_columns(file, remedies=READ_OTHERWISE)
    for name in ("review", "sentiment"):
        if name not in columns.names:
            raise DataError(
                f"data.path: {file} has the columns {', '.join(map(repr, columns.names))}, not review and "
                f"sentiment; {OTHER_CSV}"
            )
    sentiments = columns.get("sentiment")
    for row, sentiment in enumerate(sentiments, start=1):
        if sentiment not in CLASS_NAMES and str(sentiment).strip():
            raise DataError(
                f"{file}: the sentiment in row {row:,} is {sentiment!r:.60}, neither negative nor positive; "
                f"{OTHER_CSV}"
            )
    return Table(str(file), columns.get("review"), sentiments)


def _plain_classes(table: Table) -> Table:
    """The labels 0 and 1, neg and pos by name, -1 (unlabelled) as missing; any other stays, to be refused."""
    names: dict[Any, str | None] = {0: "negative", 1: "positive", "neg": "negative", "pos": "positive", -1: None}
    return replace(table, labels=[names.get(label, label) for label in table.labels])
