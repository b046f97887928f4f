"""`seedwise predict`: label texts with a trained cell."""

import json
import sys
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from orchestrator.cli.options import HomeOption, JsonOption, KnownSweepArgument, home_at
from trainables.errors import DataError


def predict(
    sweep: KnownSweepArgument,
    texts: Annotated[
        list[str] | None, typer.Argument(help="Texts to label. Without any: one a line from standard input.")
    ] = None,
    arm: Annotated[str | None, typer.Option(help="Which arm. Default: the baseline.", show_default=False)] = None,
    seed: Annotated[
        int | None, typer.Option(help="Which seed. Default: the lowest that is finished.", show_default=False)
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Label a column of this CSV; it is printed with two columns more.")
    ] = None,
    text_column: Annotated[str, typer.Option(help="The CSV's column of texts.")] = "text",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print label, probability and text, separated by tabs."""
    from orchestrator.predictor import load_predictor
    from orchestrator.results import ResultTable

    predictor = load_predictor(ResultTable.open(sweep, home_at(home).root), arm, seed)
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
