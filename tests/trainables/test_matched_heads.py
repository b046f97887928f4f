"""Two losses that are one function train to the same logits where their heads are matched, and not where not.

In float64, so that what is left of rounding is far below what a wrong rate, decay or start would do. With u the
weights of the log odds: AdamW moves each of cross-entropy's rows as far as binary cross-entropy's one row, so u by
twice as much; plain descent likewise, for each row has the whole gradient.
"""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from trainables.data.batches import PartBatches
from trainables.data.tokens import TokenizedCorpus, TokenSettings
from trainables.data.vocabulary import Vocabulary
from trainables.losses import BinaryCrossEntropy, CrossEntropy, Loss
from trainables.models import TransformerEncoder
from trainables.models.initialisation import initialise
from trainables.randomness import Streams
from trainables.training import EpochSoFar, TrainingSettings, parameter_groups, train_epoch

NUM_STEPS = 300
AS_ONE_ROW = {"learning_rate_scale": 0.5, "weight_decay_scale": 2, "init": "one_row"}
AS_TWO_ROWS = {"learning_rate_scale": 2, "weight_decay_scale": 0.5, "init": "two_rows"}
ARMS: dict[str, Loss] = {
    "ce": CrossEntropy(),
    "ce as bce": CrossEntropy.model_validate({"head": AS_ONE_ROW}),
    "ce of [0, z]": CrossEntropy(pinned=True),
    "bce": BinaryCrossEntropy(),
    "bce as ce": BinaryCrossEntropy.model_validate({"head": AS_TWO_ROWS}),
}
NUM_ROWS = 24
OPTIMIZERS: dict[str, tuple[Callable[..., torch.optim.Optimizer], float]] = {
    "AdamW": (torch.optim.AdamW, 3e-3),
    "SGD": (torch.optim.SGD, 0.05),
}
"""With a peak rate at which training is not chaotic: at several times that, a rounding grows to 1e-2 by the end."""


@pytest.fixture(scope="module", params=OPTIMIZERS)
def log_odds(
    request: pytest.FixtureRequest, make_corpus: Callable[..., TokenizedCorpus], whole_vocabulary: Vocabulary
) -> dict[str, Tensor]:
    """By arm, the log odds of each item after training: float64, (N,)."""
    torch.set_num_threads(1)
    make_optimizer, peak_rate = OPTIMIZERS[request.param]
    rows = make_corpus(num_train=NUM_ROWS).splits["train"]
    settings = TransformerEncoder(width=4, heads=1, feed_forward=8, dropout=0.2)
    training = TrainingSettings(learning_rate=peak_rate, weight_decay=0.1)
    batches = PartBatches(rows, np.arange(NUM_ROWS), whole_vocabulary, TokenSettings(max_length=6), 8)
    streams, found = Streams(1), {}
    for arm, loss in ARMS.items():
        model = settings.build(len(whole_vocabulary), 6, loss.num_outputs(2)).double()
        initialise(model, whole_vocabulary, streams, loss.head)
        optimizer = make_optimizer(parameter_groups(model, training, loss.head), fused=True)
        for epoch in range(NUM_STEPS // len(batches)):
            first_step = epoch * len(batches)
            train_epoch(
                model,
                loss,
                optimizer,
                batches.shuffled(streams, epoch, first_step, token_dropout=0.0),
                training,
                streams,
                EpochSoFar(),
                epoch=epoch,
                first_step=first_step,
                num_steps=NUM_STEPS,
                device=torch.device("cpu"),
            )
        with torch.no_grad():
            log_ps_NC = torch.cat([loss.log_probabilities(model(batch)) for batch in batches.in_order()])
        found[arm] = log_ps_NC[:, 1] - log_ps_NC[:, 0]
    return found


def largest_difference(log_odds: dict[str, Tensor], one: str, other: str) -> float:
    return float((log_odds[one] - log_odds[other]).abs().max())


@pytest.mark.parametrize(("one", "other"), [("ce as bce", "bce"), ("bce as ce", "ce"), ("ce of [0, z]", "bce")])
def test_matched_heads_train_to_the_same_logits(one: str, other: str, log_odds: dict[str, Tensor]) -> None:
    assert log_odds[one].dtype == torch.float64
    assert log_odds[one].std() > 0.5  # there is something to agree on
    assert largest_difference(log_odds, one, other) < 1e-10


@pytest.mark.parametrize(("one", "other"), [("ce", "bce"), ("ce as bce", "bce as ce")])
def test_heads_that_are_not_matched_do_not(one: str, other: str, log_odds: dict[str, Tensor]) -> None:
    assert largest_difference(log_odds, one, other) > 0.1
