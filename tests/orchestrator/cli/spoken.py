"""What commands are called on and with, and how to read what they say."""

from collections.abc import Callable
from pathlib import Path

from orchestrator.plan import Plan

SOUND = """\
data: {source: synthetic, train_rows: 60, test_rows: 60, median_words: 20}
split: {validation: {of: test, size: 20}}
model: {name: bag_of_embeddings, width: 4}
training: {epochs: 1}
vary:
  loss: [cross_entropy, binary_cross_entropy]
seeds: 1
"""
"""A sweep of two cells that train in no time."""

DERIVED = ("tokens", "logs")
"""Folders of a home that hold nothing that could be lost: a cache, and what Ray prints."""


Refused = Callable[..., str]
RunBefore = Callable[..., Plan]


def contents(home: Path) -> dict[str, bytes]:
    """Every file that could be lost, by name."""
    files = {path.relative_to(home): path for path in home.rglob("*") if path.is_file()}
    return {str(name): path.read_bytes() for name, path in files.items() if name.parts[0] not in DERIVED}


def says(message: str, expected: str) -> bool:
    """Whether the message reads so; `…` stands for anything."""
    if "…" not in expected:
        return message == expected
    first, *middle, last = expected.split("…")
    place = len(first)
    for piece in middle:
        place = message.find(piece, place)
        if place < 0:
            return False
        place += len(piece)
    return message.startswith(first) and message.endswith(last) and place <= len(message) - len(last)
