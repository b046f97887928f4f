"""The model that MLflow holds of an arm answers as the one in the store does."""

import json
from pathlib import Path

import mlflow
import pytest
import torch
from hand_made import HandMadeSweep
from safetensors.torch import save_file

from orchestrator.record.saved_model import save_text_model
from trainables.data.tokens import encode_texts
from trainables.losses import CrossEntropy
from trainables.models import BagOfEmbeddings
from trainables.prediction import Predictor

TEXTS = ["A fine film.", "Dreadful from start to end."]
NAMES = ["negative", "positive"]


@pytest.mark.usefixtures("empty_database")
def test_it_is_loaded_from_mlflow_and_predicts_the_same(sweep: HandMadeSweep, tmp_path: Path) -> None:
    settings = {
        "model": {"name": "bag_of_embeddings", "width": 4},
        "loss": {"name": "cross_entropy"},
        "tokens": {},
        "training": {},
        "seed": 0,
    }
    live = torch.from_numpy(encode_texts(TEXTS, "cl100k_base")[0]).long().unique()
    torch.manual_seed(0)
    model = BagOfEmbeddings(width=4).build(len(live), 256, CrossEntropy().num_outputs(2))
    weights = {name: torch.randn_like(tensor) for name, tensor in model.state_dict().items()} | {
        "live_tokens": live
    }

    cell = tmp_path / "cell"
    cell.mkdir()
    save_file(weights, cell / "weights.safetensors")
    facts = {"untouched_shrinkage": 1.0}
    (cell / "settings.json").write_text(
        json.dumps({"settings": settings, "class_names": NAMES, "model_facts": facts})
    )
    save_text_model(tmp_path / "model", cell)
    run = sweep.client.create_run("0")
    sweep.client.log_artifacts(run.info.run_id, str(tmp_path / "model"), "model")

    mlflow.set_tracking_uri(sweep.home.tracking_uri)
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    expected = Predictor.from_cell(settings, weights, NAMES, 1.0).probabilities(TEXTS)
    assert [[each[name] for name in NAMES] for each in loaded.predict(TEXTS)] == expected.tolist()
