"""Sealed records: JSON that notices when it is not what was written."""

import hashlib
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.store import DamagedError
from orchestrator.store.base import seal, unseal

NUMBERS = st.integers() | st.floats(allow_nan=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_what_is_sealed_is_what_is_read(content: Any) -> None:
    assert unseal(seal(content), "a record") == content


@given(JSON)
def test_a_seal_is_plain_json_with_the_checksum_of_the_content_beside_it(content: Any) -> None:
    # By these bytes the records of earlier versions are known.
    content = json.loads(json.dumps(content))
    checksum = hashlib.sha256(json.dumps(content, sort_keys=True, indent=1).encode()).hexdigest()
    plain = {"content": content, "sha256": checksum}
    assert seal(content) == json.dumps(plain, sort_keys=True, indent=1).encode()


@given(JSON, st.data())
def test_any_flipped_bit_is_noticed(content: Any, data: st.DataObject) -> None:
    sealed = bytearray(seal(content))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DamagedError, match=r"cells/one/result\.json is damaged"):
        unseal(bytes(sealed), "cells/one/result.json")


def test_every_single_flipped_bit_of_a_record_is_noticed() -> None:
    # 0.1 + 0.2 ends in a 4 that may become a 5, and 1e-05 has an e that may become an E: both mean the same number.
    sealed = seal({"epoch": 1, "metrics": {"loss": 0.1 + 0.2, "rate": 1e-05}, "text": "é \x00 ok"})
    for place in range(len(sealed)):
        for bit in range(8):
            damaged = sealed[:place] + bytes([sealed[place] ^ 1 << bit]) + sealed[place + 1 :]
            with pytest.raises(DamagedError):
                unseal(damaged, "a record")


@given(JSON, st.data())
def test_a_record_cut_short_or_grown_is_noticed(content: Any, data: st.DataObject) -> None:
    sealed = seal(content)
    length = data.draw(st.integers(0, len(sealed) - 1))
    for changed in (sealed[:length], sealed + b" "):
        with pytest.raises(DamagedError):
            unseal(changed, "a record")


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b'"text"', b'{"content": 1}', b"\xff\xfe", b"\x00" * 40])
def test_what_was_never_sealed_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedError):
        unseal(data, "a record")


@given(st.floats(), st.dictionaries(st.integers(), st.integers(), max_size=12))
def test_numbers_come_back_bit_for_bit_and_keys_as_text(number: float, by_number: dict[int, int]) -> None:
    back = unseal(seal({"number": number, "by number": by_number}), "a record")
    assert back["by number"] == {str(key): value for key, value in by_number.items()}
    same = math.isnan(back["number"]) if math.isnan(number) else back["number"].hex() == number.hex()
    assert same


def test_a_sealed_record_can_be_read_by_any_program() -> None:
    sealed = json.loads(seal({"b": 1, "a": [0.5]}))
    assert sealed["content"] == {"a": [0.5], "b": 1}
    assert len(sealed["sha256"]) == 64
