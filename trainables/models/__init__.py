"""The models. To add one: write its file, and add its settings to `AnyModel`; the model contract picks it up."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from trainables.models.bag_of_embeddings import BagOfEmbeddings
from trainables.models.base import Classifier, ModelSettings, Noise
from trainables.models.transformer_encoder import TransformerEncoder
from trainables.settings import named

AnyModel = Annotated[
    TransformerEncoder | BagOfEmbeddings,
    Field(discriminator="name"),
    BeforeValidator(named),
]

__all__ = ["AnyModel", "BagOfEmbeddings", "Classifier", "ModelSettings", "Noise", "TransformerEncoder"]
