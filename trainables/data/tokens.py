"""Texts to token ids, once.

In: a `Corpus` of texts. Out: a `TokenizedCorpus` of flat ids and offsets, memory-mapped from a cache under a
content key, which trials share without copying. Truncation and the cut of the vocabulary come later, so that a
sweep over `max_length` tokenizes once.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from trainables.data.corpus import Corpus
from trainables.data.encodings import check_encoding, load_encoding
from trainables.settings import Settings

CACHE_LAYOUT = 1
"""Raised when what lies in a cache folder changes its meaning; older folders are then left alone."""


class TokenSettings(Settings):
    """How a text becomes token ids."""

    encoding: Annotated[str, AfterValidator(check_encoding)] = "cl100k_base"
    """A tiktoken encoding."""

    max_length: int = Field(default=768, ge=1)
    """Tokens kept of each text."""

    truncate: Literal["head", "tail", "head_tail"] = "head"
    """Which tokens of a longer text are kept: the first, the last, or half of each."""

    min_count: int | None = Field(default=None, ge=2)
    """Tokens with fewer occurrences in the training part become one unknown token; None (off) keeps all."""


@dataclass(frozen=True)
class TokenizedRows:
    """Rows of one official split. Row i has the ids `ids[offsets[i]:offsets[i + 1]]`.

    `ids` (T,) int32 and `offsets` (rows + 1,) int64 are shared and must never be written to.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    labels: NDArray[np.int64]
    groups: NDArray[np.str_] | None

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.offsets)


@dataclass(frozen=True)
class TokenizedCorpus:
    """A corpus as the cells read it: no texts."""

    splits: Mapping[str, TokenizedRows]
    class_names: tuple[str, ...]
    fingerprint: str
    """Of the corpus' contents, not of where they came from."""
    encoding: str
    vocabulary_size: int

    def in_memory(self) -> "TokenizedCorpus":
        """The same without memory maps, which another machine could not follow."""
        plain = {
            name: replace(rows, ids=np.array(rows.ids), offsets=np.array(rows.offsets))
            for name, rows in self.splits.items()
        }
        return replace(self, splits=plain)

    def digest(self) -> str:
        """SHA-256 of all ids and offsets: equal before and after a cell unless somebody wrote into them."""
        digest = hashlib.sha256()
        for _, rows in sorted(self.splits.items()):
            digest.update(np.ascontiguousarray(rows.ids).data)
            digest.update(np.ascontiguousarray(rows.offsets).data)
        return digest.hexdigest()


def tokenize(corpus: Corpus, encoding: str, cache_dir: Path) -> TokenizedCorpus:
    """The corpus in token ids, from the cache if they are there, else encoded and cached.

    Safe for two processes at once: the one who comes second waits for the first, and takes its folder. Safe
    against a kill: a folder is made aside and renamed. A damaged folder is set aside and made anew.
    """
    key = hashlib.sha256(f"{CACHE_LAYOUT}/{encoding}/{corpus.fingerprint}".encode()).hexdigest()[:32]
    folder = cache_dir / key
    meta = _read_sound(folder)
    if meta is None:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(cache_dir / f"{key}.lock"):
            meta = _read_sound(folder) or _encode_into(folder, corpus, encoding)
    return TokenizedCorpus(
        splits={
            name: TokenizedRows(
                ids=np.load(folder / f"{name}.ids.npy", mmap_mode="r"),
                offsets=np.load(folder / f"{name}.offsets.npy", mmap_mode="r"),
                labels=rows.labels,
                groups=rows.groups,
            )
            for name, rows in corpus.splits.items()
        },
        class_names=corpus.class_names,
        fingerprint=corpus.fingerprint,
        encoding=encoding,
        vocabulary_size=meta["vocabulary_size"],
    )


def share_truncated(corpus: TokenizedCorpus, settings: TokenSettings) -> float:
    """The share of all texts that `max_length` cuts."""
    lengths = np.concatenate([rows.lengths for rows in corpus.splits.values()])
    return float((lengths > settings.max_length).mean())


def encode_texts(texts: list[str], encoding: str) -> tuple[NDArray[np.int32], NDArray[np.int64], int]:
    """Flat ids (T,), offsets (rows + 1,) and the encoding's vocabulary size. Special tokens are plain text."""
    encoder = load_encoding(encoding)
    pieces = encoder.encode_ordinary_batch(texts, num_threads=os.cpu_count() or 1)
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(piece) for piece in pieces], out=offsets[1:])
    ids = np.fromiter((token for piece in pieces for token in piece), np.int32, count=int(offsets[-1]))
    return ids, offsets, encoder.n_vocab


def _encode_into(folder: Path, corpus: Corpus, encoding: str) -> dict[str, Any]:
    """Make the folder, in the place of a damaged one if there is one. Gives its description. Needs the lock."""
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        files: dict[str, str] = {}
        vocabulary_size = 0
        for name, rows in corpus.splits.items():
            ids, offsets, vocabulary_size = encode_texts(rows.texts, encoding)
            for part, array in (("ids", ids), ("offsets", offsets)):
                file = aside / f"{name}.{part}.npy"
                np.save(file, array)
                files[file.name] = _sha256(file)
        meta = {"encoding": encoding, "vocabulary_size": vocabulary_size, "sha256": files}
        (aside / "meta.json").write_text(json.dumps(meta, indent=1))
        aside.chmod(0o755)
        if folder.exists():
            folder.rename(tempfile.mkdtemp(prefix=f"damaged-{folder.name}-", dir=folder.parent))
        aside.rename(folder)
        return meta
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _read_sound(folder: Path) -> dict[str, Any] | None:
    """The folder's description if all its files are as they were written; else None."""
    try:
        meta: dict[str, Any] = json.loads((folder / "meta.json").read_text())
        if all(_sha256(folder / name) == digest for name, digest in meta["sha256"].items()):
            return meta
    except (OSError, ValueError, LookupError, TypeError, AttributeError):  # JSON, but not what was written
        pass
    return None


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
