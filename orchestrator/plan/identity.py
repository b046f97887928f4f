"""The cell key: a hash of every declared setting that can change a cell's result, and of nothing else.

The data enter by the fingerprint of their contents, not by where they were read from. What a cell runs on, where it
is stored, and the name of the sweep do not enter at all: the same cell in two sweeps is one cell.
"""

import hashlib
import json
from typing import Any

from trainables.config import RECIPE, CellConfig
from trainables.settings import declared


def key_material(config: CellConfig, fingerprint: str) -> dict[str, Any]:
    """What the key is a hash of, as it is stored with the cell.

    Defaults are written out: if one changes later, cells trained under the old one keep their identity. A setting
    that came later is left out where it is neutral, so that cells from before it came keep theirs.
    """
    return declared(config) | {"recipe": RECIPE, "data": {"fingerprint": fingerprint}}


def cell_key(config: CellConfig, fingerprint: str) -> str:
    """32 hexadecimal digits: the first half of the SHA-256 of the material as sorted JSON."""
    material = json.dumps(key_material(config, fingerprint), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(material.encode()).hexdigest()[:32]
