"""What `seedwise predict` prints: texts labelled by a trained cell."""

import json
import sys
from pathlib import Path

import pandas as pd

from orchestrator.predictor import load_predictor
from orchestrator.results import ResultTable
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
    predictor = load_predictor(ResultTable.open(sweep, home), arm, seed)
    frame = _read_csv(csv, text_column) if csv else pd.DataFrame({text_column: texts or _from_standard_input()})
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
    texts = [line.rstrip("\n") for line in sys.stdin if line.strip()]
    if not texts:
        raise DataError(
            "there is no text to label; give texts as arguments, one a line on standard input, or --csv"
        )
    return texts


def _read_csv(path: Path, text_column: str) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path} cannot be read as CSV: {error}") from error
    if text_column not in frame:
        raise DataError(
            f"{path} has no column {text_column!r} (it has: {', '.join(frame.columns)}); name it with --text-column"
        )
    return frame
