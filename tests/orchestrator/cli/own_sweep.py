"""A user's own file with four classes, and what one run of the template on it leaves."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

TOPICS = {
    "billing": "invoice refund charged payment",
    "delivery": "parcel late courier tracking",
    "login": "password account locked reset",
    "returns": "broken exchange label sent",
}
FILLER = ["please", "the", "my", "since", "was", "and", "again", "today", "help", "with", "for", "still"]


@dataclass(frozen=True)
class OwnSweep:
    """What one run of the template has left."""

    home: Path
    said: str


def tickets(num_rows: int = 200) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    queues = [list(TOPICS)[row % len(TOPICS)] for row in range(num_rows)]
    bodies = [
        " ".join([*generator.choice(TOPICS[queue].split(), 2), *generator.choice(FILLER, 5), f"no {row}"])
        for row, queue in enumerate(queues)
    ]
    return pd.DataFrame({"id": range(num_rows), "body": bodies, "queue": queues})


def fill_in(template: str, path: Path) -> str:
    """The template with its three marked lines filled in, and nothing else."""
    lines = template.splitlines()
    marked = [number for number, line in enumerate(lines) if "# <--" in line]
    assert [lines[number].split(":")[0].strip() for number in marked] == ["path", "text_column", "label_column"]
    for number, value in zip(marked, (path, "body", "queue"), strict=True):
        key = lines[number].split(":")[0]
        lines[number] = f"{key}: {value}"
    return "\n".join(lines) + "\n"


def strict_json(text: str):
    """The text as JSON, which knows no NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)
