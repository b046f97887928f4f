"""The paper's sweep, planned on each form in which people keep IMDB."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from said import Call

REVIEWS = {
    half: [
        (f"{half}: it was {('bad', 'good')[number % 2]}, for the {number}th time", number % 2)
        for number in range(60)
    ]
    for half in ("train", "test")
}
"""Text and label."""


def parquet(folder: Path) -> Path:
    for half, rows in REVIEWS.items():
        pd.DataFrame(rows, columns=["text", "label"]).to_parquet(folder / f"{half}-00000-of-00001.parquet")
    return folder


def published(folder: Path) -> Path:
    for half, rows in REVIEWS.items():
        for number, (text, label) in enumerate(rows):
            side = folder / "aclImdb" / half / ("neg", "pos")[label]
            side.mkdir(parents=True, exist_ok=True)
            (side / f"{number}_7.txt").write_text(text)
    return folder / "aclImdb"


def csv(folder: Path) -> Path:
    rows = [(text, ("negative", "positive")[label]) for half in REVIEWS.values() for text, label in half]
    pd.DataFrame(rows, columns=["review", "sentiment"]).to_csv(folder / "IMDB Dataset.csv", index=False)
    return folder / "IMDB Dataset.csv"


@pytest.mark.parametrize("form", [parquet, published, csv])
def test_the_sweep_needs_nothing_but_the_path(
    form: Callable[[Path], Path], call: Call, tmp_path: Path, new_home: Path
) -> None:
    path = form(tmp_path)
    smaller = ("--set", "split.validation.size=10", "--set", "tokens.min_count=2", "--set", "training.epochs=1")
    said = call("plan", "imdb_loss_by_seed", "--set", f"data.path={path}", *smaller, "--home", str(new_home))
    assert (said.code, said.err) == (0, "")
    for sentence in (
        "train: 60 rows from 'train'; 50.0% positive, 50.0% negative.",
        "validation: 10 rows from 'test'; 50.0% positive, 50.0% negative.",
        "test: 50 rows from 'test'; 50.0% positive, 50.0% negative.",
        "10 cells: 0 done, 0 begun, 10 new",
    ):
        assert sentence in said.out
    assert ("are not comparable with those on the official halves" in said.out) == (form is csv)
