"""Vocabularies: offline, checked, and never at the user's cost."""

import hashlib
import os
import socket
from pathlib import Path
from typing import NoReturn

import pytest
import tiktoken.registry
from pydantic import ValidationError

from trainables.data.encodings import BUNDLED, load_encoding
from trainables.data.tokens import TokenSettings
from trainables.errors import VocabularyError

CACHE_KEY = hashlib.sha1(BUNDLED["cl100k_base"].encode()).hexdigest()
"""tiktoken's name for the vocabulary in a cache folder."""


@pytest.fixture(autouse=True)
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, nothing loaded before, no cache set by the machine's user."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError("the network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    monkeypatch.delenv("DATA_GYM_CACHE_DIR", raising=False)


@pytest.mark.parametrize(
    ("name", "size", "hello_world"),
    [("cl100k_base", 100_277, [15339, 1917]), ("o200k_base", 200_019, [24912, 2375])],
)
def test_the_bundled_vocabularies_load_without_a_network(name: str, size: int, hello_world: list[int]) -> None:
    # The ids are those that OpenAI's tokenizer page shows.
    encoding = load_encoding(name)
    assert encoding.n_vocab == size
    assert encoding.encode_ordinary("hello world") == hello_world
    assert "TIKTOKEN_CACHE_DIR" not in os.environ


def test_any_other_vocabulary_without_a_network_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    with pytest.raises(VocabularyError) as caught:
        load_encoding("p50k_base")
    for part in (
        "p50k_base cannot be loaded",
        "usable offline are cl100k_base and o200k_base",
        f"TIKTOKEN_CACHE_DIR is now {tmp_path}",
    ):
        assert part in str(caught.value)


def test_a_users_cache_that_has_the_vocabulary_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    (tmp_path / CACHE_KEY).write_bytes(b"not the vocabulary")
    with pytest.raises(VocabularyError, match="cl100k_base cannot be loaded"):
        load_encoding("cl100k_base")  # tiktoken finds that its SHA-256 is wrong, and cannot fetch another


@pytest.mark.parametrize("variable", ["TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"])
def test_a_users_cache_without_the_vocabulary_stays_as_it_is(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(tmp_path))
    before = dict(os.environ)
    assert load_encoding("cl100k_base").n_vocab == 100_277
    assert list(tmp_path.iterdir()) == []
    assert dict(os.environ) == before


def test_an_empty_cache_setting_loads_the_bundled_vocabulary_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")  # to tiktoken: keep no cache
    assert load_encoding("cl100k_base").n_vocab == 100_277
    assert os.environ["TIKTOKEN_CACHE_DIR"] == ""


def test_a_vocabulary_that_was_tampered_with_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainables.data.encodings.gzip.decompress", lambda data: b"IQ== 0\n")
    with pytest.raises(VocabularyError, match="cl100k_base cannot be loaded"):
        load_encoding("cl100k_base")


def test_an_unknown_encoding_is_refused_with_a_near_miss() -> None:
    with pytest.raises(ValidationError, match=r"'cl100k' is not a tiktoken encoding; did you mean cl100k_base\?"):
        TokenSettings(encoding="cl100k")


def test_an_encoding_unlike_any_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValidationError, match=r"not a tiktoken encoding; \(known: .*o200k_base"):
        TokenSettings(encoding="bert")
