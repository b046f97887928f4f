"""The warning of heads that cannot match under clipping."""

from typing import Any

import pytest

from orchestrator.plan.clipped_heads import clipped_heads
from orchestrator.spec import SweepSpec

HEADS = ["binary_cross_entropy", {"name": "binary_cross_entropy", "head": {"learning_rate_scale": 2}}]


def warned(losses: list[Any], **training: Any) -> str:
    sweep = {"name": "s", "data": "synthetic", "vary": {"loss": losses}, "seeds": 1, "training": training}
    return clipped_heads(SweepSpec.model_validate(sweep))


def test_clipping_is_warned_of_where_heads_differ() -> None:
    assert warned(HEADS, clip_norm=0.5) == (
        "arms differ in loss.head, and training.clip_norm is 0.5: a head of two rows has twice the squared "
        "gradient norm of one, so that heads that would match are clipped differently; set training.clip_norm=null"
    )


@pytest.mark.parametrize(
    ("losses", "clip_norm"), [(HEADS, None), (["binary_cross_entropy", "cross_entropy"], 0.5), (HEADS[1:], 0.5)]
)
def test_nothing_is_warned_of_without_either(losses: list[Any], clip_norm: float | None) -> None:
    assert warned(losses, clip_norm=clip_norm) == ""
