"""A sweep of four cells that train in a blink, for whoever carries cells out in its own process."""

from typing import Any

SWEEP: dict[str, Any] = {
    "name": "small",
    "data": {"source": "synthetic", "train_rows": 40, "test_rows": 30, "median_words": 20},
    "split": {"validation": {"of": "test", "size": 10}},
    "tokens": {"max_length": 16},
    "model": {"name": "bag_of_embeddings", "width": 2},
    "vary": {"loss": ["cross_entropy", "binary_cross_entropy"]},
    "training": {"epochs": 2, "batch_size": 16},
    "seeds": 2,
}
