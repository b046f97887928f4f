"""What a logistic regression on unigrams reaches on a sweep's own data and split.

    python benchmarks/unigram_baseline.py imdb_loss_by_seed --set data.path=path/to/aclImdb

Counts of the sweep's tokens (cl100k_base, untruncated), scaled by inverse document frequency, into scikit-learn's
logistic regression; its one setting is chosen by cross-validation within the training part.
"""

import argparse
import time

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from orchestrator.plan import prepare_sweep
from orchestrator.store import Home
from orchestrator.sweep_file import load_sweep
from trainables.data.splits import PartRows, split_corpus
from trainables.data.tokens import TokenizedCorpus

STRENGTHS = [0.3, 1.0, 3.0, 10.0]
"""Values of C, the inverse of the penalty."""


def counts_and_labels(corpus: TokenizedCorpus, part: PartRows) -> tuple[csr_matrix, np.ndarray]:
    """Token counts (items, vocabulary) and labels (items,) of one part."""
    rows = corpus.splits[part.of]
    ones = np.ones(len(rows.ids), np.float32)
    shape = (len(rows.labels), corpus.vocabulary_size)
    all_counts = csr_matrix((ones, rows.ids, rows.offsets), shape=shape, copy=True)  # the shared ids are read-only
    all_counts.sum_duplicates()
    return all_counts[part.rows], rows.labels[part.rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    arguments = parser.parse_args()
    plan = prepare_sweep(load_sweep(arguments.sweep, set_=arguments.set).spec, Home.at(None).token_cache)
    cell = plan.cells[0]
    corpus = plan.corpora[cell.corpus]
    split = split_corpus(corpus.splits, corpus.class_names, cell.config.split, cell.config.seed)
    parts = {name: counts_and_labels(corpus, part) for name, part in split.parts.items()}
    started = time.perf_counter()
    model = GridSearchCV(
        make_pipeline(TfidfTransformer(sublinear_tf=True), LogisticRegression(max_iter=1000)),
        {"logisticregression__C": STRENGTHS},
        cv=5,
    ).fit(*parts.pop("train"))
    print(f"chosen: {model.best_params_}, fitted in {time.perf_counter() - started:.0f} s")
    for name, (counts, labels) in parts.items():
        print(f"{name} accuracy: {model.score(counts, labels):.2%} of {len(labels):,}")


if __name__ == "__main__":
    main()
