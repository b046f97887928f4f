"""`seedwise losses`."""

import json
from typing import Literal

import pytest
from said import Call

from orchestrator.cli import loss_list
from trainables.losses import BinaryCrossEntropy, CrossEntropy
from trainables.losses.described import loss_classes


class Hinge(CrossEntropy):
    """The largest lead of a wrong class.

        L_n = max(0, 1 − z_n,y + max_c z_nc)

    Output layer: C logits.

    Reference: Crammer, Singer, JMLR 2001.
    """

    name: Literal["hinge"] = "hinge"  # type: ignore[assignment]
    margin: float = 1.0
    """By how much the true class must lead."""


def test_every_loss_is_listed_with_formula_output_layer_settings_and_source(call: Call) -> None:
    said = call("losses")
    assert (said.code, said.err) == (0, "")
    for expected in ("cross_entropy", "binary_cross_entropy", "softplus(z) − y z", "C logits, softmax"):
        assert expected in said.out
    for expected in ("loss.label_smoothing (0.0): ε: the share", "loss.pos_weight (null)", "JMLR 2004"):
        assert expected in said.out
    assert "loss.head.learning_rate_scale (1.0)" in said.out


def test_json_says_the_same(call: Call) -> None:
    said = json.loads(call("losses", "--json").out)
    assert [loss["name"] for loss in said["losses"]] == ["cross_entropy", "binary_cross_entropy"]
    assert said["losses"][1]["formula"][0].startswith("L_n = −[y log σ(z)")
    assert {s["key"] for s in said["losses"][0]["settings"]} == {
        "loss.label_smoothing",
        "loss.class_weights",
        "loss.pinned",
    }
    assert [s["default"] for s in said["head"]] == [1.0, 1.0, "own"]


def test_a_new_loss_shows_up_by_itself(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert loss_classes() == (CrossEntropy, BinaryCrossEntropy)
    monkeypatch.setattr(loss_list, "loss_classes", lambda: (Hinge,))
    said = call("losses").out
    for expected in ("hinge", "L_n = max(0, 1 − z_n,y + max_c z_nc)", "loss.margin (1.0): By how much", "2001"):
        assert expected in said
