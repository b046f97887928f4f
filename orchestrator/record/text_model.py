"""A cell's classifier as MLflow loads it: texts in, class probabilities out.

MLflow keeps a copy of this file beside the model and runs it when the model is loaded
(`mlflow.pyfunc.load_model("runs:/…/model").predict(["A fine film."])`); seedwise must be installed there.
"""

import json
from pathlib import Path
from typing import Any

import mlflow
from mlflow.models import set_model
from safetensors.torch import load_file

from trainables.prediction import Predictor


class TextModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """Rebuilds the classifier from weights and settings; no pickle is involved."""

    def load_context(self, context: Any) -> None:
        folder = Path(context.artifacts["cell"])
        cell = json.loads((folder / "settings.json").read_text())
        self.predictor = Predictor.from_cell(
            cell["settings"],
            load_file(folder / "weights.safetensors"),
            cell["class_names"],
            cell["model_facts"]["untouched_shrinkage"],
        )

    # MLflow takes the signature from these hints. It warns of a mixed type, such as label with probability.
    def predict(self, context: Any, model_input: list[str], params: Any = None) -> list[dict[str, float]]:
        """For each text the probability of each class, by the class's name."""
        names = self.predictor.class_names
        probabilities_NC = self.predictor.probabilities(model_input)
        return [dict(zip(names, of_text.tolist(), strict=True)) for of_text in probabilities_NC]


set_model(TextModel())
