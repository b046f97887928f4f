"""The same settings train to the same numbers, from one version of the code to the next.

Cells are stored under a key that holds `RECIPE`. A change of the code that moves these losses without raising it
would let old results stand beside new ones as if they were the same cells.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from trainables.classifier import CellTraining
from trainables.config import RECIPE, CellConfig
from trainables.data.tokens import TokenizedCorpus
from trainables.losses import BinaryCrossEntropy, CrossEntropy
from trainables.models import BagOfEmbeddings, TransformerEncoder

RECORDED = Path(__file__).with_name("recorded_trace.json")
# Spelt out, so that choosing another default is no other recipe.
MODELS = {
    "encoder": TransformerEncoder(width=8, feed_forward=16, dropout=0.2, token_dropout=0.2),
    "encoder, otherwise": TransformerEncoder(
        width=8,
        heads=4,
        layers=2,
        feed_forward=16,
        norm="post",
        positions="learned",
        pooling="first",
        dropout=0.2,
        token_dropout=0.0,
    ),
    "bag": BagOfEmbeddings(width=8, dropout=0.2, token_dropout=0.2),
}
NUM_EPOCHS = 20


@pytest.fixture
def found(make_config: Callable[..., CellConfig], make_corpus: Callable[..., TokenizedCorpus]) -> dict:
    """Training losses of 20 epochs, two steps each, and the last validation NLL."""
    traces = {}
    for name, model in MODELS.items():
        for loss in (CrossEntropy(), BinaryCrossEntropy()):
            config = make_config(
                loss.model_dump(), model.model_dump(), batch_size=20, epochs=NUM_EPOCHS, weight_decay=0.01
            )
            history = list(CellTraining(config, make_corpus()).epochs())
            losses = [record.metrics["train_loss"] for record in history]
            traces[f"{name}, {loss.name}"] = [
                round(nats, 8) for nats in (*losses, history[-1].metrics["validation_nll"])
            ]
    return {"recipe": RECIPE, "traces": traces}


def test_the_recorded_losses_come_again(found: dict, tmp_path: Path) -> None:
    aside = tmp_path / RECORDED.name
    aside.write_text(json.dumps(found, indent=1) + "\n")
    remedy = (
        "The same settings now train to other numbers than they did. If that is not meant, it is a defect. If it "
        f"is meant, raise RECIPE in trainables/config.py, run this test again, and put {aside} in the place of "
        f"{RECORDED.name}."
    )
    recorded = json.loads(RECORDED.read_text())
    assert found["recipe"] == recorded["recipe"], remedy
    assert found["traces"].keys() == recorded["traces"].keys(), remedy
    for name, trace in recorded["traces"].items():
        # Processors add in different orders: with and without vector units, these traces differ by up to 8e-7.
        assert found["traces"][name] == pytest.approx(trace, rel=1e-4), f"{name}: {remedy}"
