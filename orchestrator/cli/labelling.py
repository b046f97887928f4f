"""What `seedwise predict` prints: texts labelled by a trained cell."""

import json
import sys
from pathlib import Path

from orchestrator.cli.text_file import ADDED, TextFile
from orchestrator.predictor import load_predictor
from orchestrator.results import ResultTable
from trainables.errors import DataError


def print_labels(
    sweep: str,
    texts: list[str],
    file: TextFile | None,
    arm: str | None,
    seed: int | None,
    home: Path | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Label the file's column if there is one, else the texts, else standard input's lines."""
    if texts and file:
        raise DataError("both texts and --csv are given; leave one of them out")
    table = ResultTable.open(sweep, home, store)
    read = None if file is None else file.read(added=() if as_json else ADDED)
    texts = (texts or _from_standard_input()) if read is None else read.texts
    predictor = load_predictor(table, arm, seed)
    probabilities_NC = predictor.probabilities(texts)
    labels = [predictor.class_names[best] for best in probabilities_NC.argmax(1)]
    chances = probabilities_NC.max(1).round(6).tolist()
    if as_json:
        for text, label, row in zip(texts, labels, probabilities_NC, strict=True):
            by_class = dict(zip(predictor.class_names, row.round(6).tolist(), strict=True))
            print(json.dumps({"text": text, "label": label, "probabilities": by_class}, ensure_ascii=False))
    elif read is not None:
        read.print_with(labels, chances)
    else:
        for text, label, chance in zip(texts, labels, chances, strict=True):
            print(f"{label}\t{chance:.4f}\t{text}")


def _from_standard_input() -> list[str]:
    try:
        given = sys.stdin.read().rstrip()
    except UnicodeDecodeError as error:
        raise DataError(
            f"standard input is not UTF-8 (byte {error.object[error.start]:#04x}); convert it"
        ) from error
    if not given:
        raise DataError(
            "there is no text to label; give texts as arguments, one a line on standard input, or --csv"
        )
    # Not splitlines, which also breaks at characters that stand within texts, such as U+2028. An empty line within
    # is refused later, rather than left out: each line keeps its place.
    return given.split("\n")
