"""What a loss's settings may be, and what is said of others."""

from collections.abc import Callable
from typing import Any

import pytest

from search_spaces.faults import FaultyError
from search_spaces.validate import validate
from trainables.classifier import CellTraining
from trainables.config import CellConfig
from trainables.data.tokens import TokenizedCorpus
from trainables.errors import SettingsError
from trainables.losses import BinaryCrossEntropy, CrossEntropy

CE, BCE = "cross_entropy", "binary_cross_entropy"


def config(name: str, **loss: Any) -> CellConfig:
    return validate(CellConfig, {"data": "synthetic", "loss": {"name": name, **loss}, "seed": 0}, "a cell")


@pytest.mark.parametrize(
    ("name", "loss", "said"),
    [
        (CE, {"label_smoothing": 1}, r"loss\.label_smoothing is 1; it must be below 1"),
        (BCE, {"label_smoothing": -0.1}, r"loss\.label_smoothing is -0\.1; it must be at least 0"),
        (CE, {"class_weights": [1, -2]}, r"loss\.class_weights\[1\] is -2; it must be above 0"),
        (CE, {"class_weights": [1]}, r"loss\.class_weights is \[1\]; it must be a list of at least 2"),
        (CE, {"class_weights": 2}, r"loss\.class_weights is 2; it must be a list"),
        (CE, {"pos_weight": 2}, r"loss\.pos_weight is not a setting of cross_entropy"),
        (BCE, {"pos_weight": -2}, r"it must be above 0"),
        (BCE, {"pos_weight": [2, 0]}, r"loss\.pos_weight\[1\] is 0; it must be above 0"),
        (BCE, {"pos_weight": "much"}, r"loss\.pos_weight is 'much'; it must be a list"),
        (CE, {"head": {"learning_rate_scale": 0}}, r"loss\.head\.learning_rate_scale is 0; it must be above 0"),
        (CE, {"head": {"weight_decay_scale": -1}}, r"weight_decay_scale is -1; it must be at least 0"),
        (CE, {"head": {"init": "one"}}, r"loss\.head\.init is 'one'; it must be own, one_row or two_rows"),
        (CE, {"head": {"init": "two_rows"}}, r"head\.init is two_rows, which is how this head .* is drawn anyway"),
        (CE, {"pinned": True, "head": {"init": "one_row"}}, r"head\.init is one_row, which is how this head"),
        (BCE, {"head": {"init": "one_row"}}, r"head\.init is one_row, which .*; leave it out, or write own"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_with_its_place_and_remedy(name: str, loss: dict[str, Any], said: str) -> None:
    with pytest.raises(FaultyError, match=said):
        config(name, **loss)


def test_one_number_is_short_for_a_list_of_it() -> None:
    assert config(BCE, pos_weight=2).loss == BinaryCrossEntropy(pos_weight=(2,))


@pytest.mark.parametrize(
    ("name", "loss", "num_classes", "said"),
    [
        (
            CE,
            {"class_weights": [1, 2, 3]},
            2,
            "has 3 numbers, and the data have 2 classes .class 0, class 1.; give 2",
        ),
        (
            CE,
            {"class_weights": [1, 2], "pinned": True},
            3,
            "one for each class in the order class 0, class 1, class",
        ),
        (BCE, {"pos_weight": [1, 2]}, 2, "loss.pos_weight has 2 numbers, .*; give 1, for class 1"),
        (BCE, {"pos_weight": 2}, 3, "loss.pos_weight has 1 number, and the data have 3 classes"),
        (
            CE,
            {"head": {"init": "one_row"}},
            3,
            "loss.head.init is one_row, which has a meaning for two classes only",
        ),
        (
            BCE,
            {"head": {"init": "two_rows"}},
            3,
            "the data have 3 classes .class 0, class 1, class 2.; leave it out",
        ),
    ],
    ids=str,
)
def test_what_does_not_fit_the_classes_is_refused_before_training(
    name: str,
    loss: dict[str, Any],
    num_classes: int,
    said: str,
    make_config: Callable[..., CellConfig],
    make_corpus: Callable[..., TokenizedCorpus],
) -> None:
    with pytest.raises(SettingsError, match=said):
        CellTraining(make_config({"name": name, **loss}), make_corpus(num_classes))


def test_a_head_of_one_output_is_drawn_as_one_row_by_itself_and_one_of_two_as_two() -> None:
    assert CrossEntropy().own_rows == "two_rows"
    assert BinaryCrossEntropy().own_rows == CrossEntropy(pinned=True).own_rows == "one_row"
