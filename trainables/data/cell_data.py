"""What one cell reads: its parts, cut to its vocabulary, ready to be batched.

In: the shared `TokenizedCorpus` and the cell's settings. Out: `CellData`. This is where split, truncation and
vocabulary meet; it costs a fraction of a second on 50,000 reviews, so each cell does it for itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trainables.data.batches import PartBatches, gather
from trainables.data.splits import SplitSettings, split_corpus
from trainables.data.tokens import TokenizedCorpus, TokenSettings
from trainables.data.vocabulary import Vocabulary, cut_vocabulary

EVALUATION_BATCH_SIZE = 256


@dataclass(frozen=True)
class CellData:
    """The parts of one cell: `train`, `validation` and, where the split has one, `test`."""

    train: PartBatches
    evaluated: Mapping[str, PartBatches]
    vocabulary: Vocabulary
    num_classes: int


def prepare(
    corpus: TokenizedCorpus, split: SplitSettings, tokens: TokenSettings, batch_size: int, seed: int
) -> CellData:
    """Split the rows and cut the vocabulary, for the cell of that seed."""
    dealt = split_corpus(corpus.splits, corpus.class_names, split, seed)
    ids = {name: gather(corpus.splits[part.of], part.rows, tokens)[0] for name, part in dealt.parts.items()}
    vocabulary = cut_vocabulary(
        ids["train"],
        np.concatenate([ids[name] for name in dealt.parts if name != "train"]),
        corpus.vocabulary_size,
        tokens.min_count,
    )
    batches = {
        name: PartBatches(
            corpus.splits[part.of],
            part.rows,
            vocabulary,
            tokens,
            batch_size if name == "train" else EVALUATION_BATCH_SIZE,
        )
        for name, part in dealt.parts.items()
    }
    return CellData(
        train=batches.pop("train"),
        evaluated=batches,
        vocabulary=vocabulary,
        num_classes=len(corpus.class_names),
    )
