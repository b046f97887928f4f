"""What `seedwise predict` prints: texts labelled by a trained cell."""

import json
import sys
from pathlib import Path

import pandas as pd

from orchestrator.predictor import load_predictor
from orchestrator.results import ResultTable
from search_spaces.faults import did_you_mean
from trainables.errors import DataError


def print_labels(
    sweep: str,
    texts: list[str],
    arm: str | None,
    seed: int | None,
    csv: Path | None,
    text_column: str,
    home: Path | None,
    as_json: bool,
) -> None:
    """Label the CSV's column if there is one, else the texts, else standard input's lines."""
    if texts and csv:
        raise DataError("both texts and --csv are given; leave one of them out")
    table = ResultTable.open(sweep, home)
    frame = _read_csv(csv, text_column) if csv else pd.DataFrame({text_column: texts or _from_standard_input()})
    predictor = load_predictor(table, arm, seed)
    probabilities_NC = predictor.probabilities(frame[text_column].tolist())
    labels = [predictor.class_names[best] for best in probabilities_NC.argmax(1)]
    chances = probabilities_NC.max(1).round(6)
    if as_json:
        for text, label, row in zip(frame[text_column], labels, probabilities_NC, strict=True):
            by_class = dict(zip(predictor.class_names, row.round(6).tolist(), strict=True))
            print(json.dumps({"text": text, "label": label, "probabilities": by_class}, ensure_ascii=False))
    elif csv:
        frame.assign(predicted_label=labels, predicted_probability=chances).to_csv(sys.stdout, index=False)
    else:
        for text, label, chance in zip(frame[text_column], labels, chances, strict=True):
            print(f"{label}\t{chance:.4f}\t{text}")


def _from_standard_input() -> list[str]:
    try:
        # An empty line within is refused later, rather than left out: each line keeps its place.
        texts = sys.stdin.read().rstrip().splitlines()
    except UnicodeDecodeError as error:
        raise DataError(
            f"standard input is not UTF-8 (byte {error.object[error.start]:#04x}); convert it"
        ) from error
    if not texts:
        raise DataError(
            "there is no text to label; give texts as arguments, one a line on standard input, or --csv"
        )
    return texts


def _read_csv(path: Path, text_column: str) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError as error:
        raise DataError(f"--csv: there is no file {path.absolute()}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 (byte {error.object[error.start]:#04x}); save it as UTF-8") from error
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path} cannot be read as CSV: {error}") from error
    if text_column not in frame:
        hint = did_you_mean(text_column, frame.columns)
        raise DataError(
            f"{path} has no column {text_column!r} (it has: {', '.join(frame.columns)}){hint}; "
            "name it with --text-column"
        )
    empty = [row for row, text in enumerate(frame[text_column], start=1) if not text.strip()]
    if empty:
        raise DataError(
            f"{path}: column {text_column!r} is empty in row {empty[0]:,} ({len(empty):,} of {len(frame):,} rows); "
            "leave such rows out"
        )
    return frame
