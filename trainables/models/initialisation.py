"""Draws a model's parameters, each from a stream of its own name.

So a head of another shape, or one layer more, changes no other parameter's start: arms that share a seed share
their trunk's start exactly.
"""

import math

import torch
from torch import Tensor, nn

from trainables.data.vocabulary import Vocabulary
from trainables.losses.head import HeadSettings
from trainables.models.base import Classifier, TokenTable
from trainables.randomness import Streams

HEAD = "head"


def initialise(
    model: Classifier, vocabulary: Vocabulary, streams: Streams, head: HeadSettings | None = None
) -> None:
    """Set every parameter in place, from the streams `init/<parameter>`; draws are made on the CPU.

    Linear weights and biases are uniform in ±1/√fan_in, token and position tables normal, layer norms 1 and 0.
    `head` says whether the model's last layer is drawn as any other is.
    """
    head_init = "own" if head is None else head.init
    drawn: set[str] = set()

    def fill(owner: str, parameter: str, value: Tensor) -> None:
        name = f"{owner}.{parameter}" if owner else parameter
        with torch.no_grad():
            model.get_parameter(name).copy_(value)
        drawn.add(name)

    def generator(owner: str, parameter: str) -> torch.Generator:
        return streams.torch("init", f"{owner}.{parameter}")

    for name, module in model.named_modules():
        if isinstance(module, TokenTable):
            fill(name, "weight", token_rows(vocabulary, module.weight.shape[1], module.std, streams))
        elif isinstance(module, nn.Embedding):
            fill(name, "weight", torch.randn(module.weight.shape, generator=generator(name, "weight")) * 0.02)
        elif isinstance(module, nn.Linear):
            bound = 1 / math.sqrt(module.in_features)
            for part, parameter in module.named_parameters():
                drawn_as = head_init if name == HEAD else "own"
                rows = {"own": len(parameter), "one_row": 1, "two_rows": 2}[drawn_as]
                uniform = torch.empty(rows, *parameter.shape[1:])
                uniform.uniform_(-bound, bound, generator=generator(name, part))
                fill(name, part, as_drawn(uniform, len(parameter)))
        elif isinstance(module, nn.LayerNorm):
            fill(name, "weight", torch.ones(module.normalized_shape))
            fill(name, "bias", torch.zeros(module.normalized_shape))
    missing = {name for name, _ in model.named_parameters()} - drawn
    assert not missing, f"no law says how to draw {sorted(missing)}"


def as_drawn(drawn: Tensor, rows: int) -> Tensor:
    """What was drawn as the rows of a head, as so many rows with the same log odds between two classes.

    Two rows of one are ∓ its half, and one row of two their difference, which float64 has without rounding.
    """
    if len(drawn) == rows:
        return drawn
    if rows == 2:
        return torch.cat([-drawn / 2, drawn / 2])
    return (drawn[1] - drawn[0].double())[None]


def token_rows(vocabulary: Vocabulary, width: int, std: float, streams: Streams) -> Tensor:
    """The live rows of the initial token table, shape (V, D).

    The full table is drawn, then cut, so that a row's start does not depend on which other rows are live.
    """
    return full_token_table(vocabulary.full_rows, width, std, streams)[torch.from_numpy(vocabulary.live)]


def full_token_table(rows: int, width: int, std: float, streams: Streams) -> Tensor:
    """The initial token table of every id of the encoding, shape (rows, D)."""
    return torch.randn(rows, width, generator=streams.torch("init", "tokens.weight")) * std
