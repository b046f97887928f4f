"""What cannot vary is refused, with the place in `vary` and a remedy."""

from typing import Any

import pytest

from search_spaces.faults import FaultyError
from search_spaces.space import expand_cells

SHARED = {"data": "synthetic", "loss": "cross_entropy", "model": "transformer_encoder"}


def faults(vary: dict[str, list[Any]], shared: dict[str, Any] = SHARED) -> list[tuple[Any, str]]:
    with pytest.raises(FaultyError) as caught:
        expand_cells(shared, vary, [0])
    return [(fault.path, fault.text) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("vary", "path", "text"),
    [
        ({"loss": []}, ("vary", "loss"), "vary: loss has no values; give at least one, or leave it out"),
        ({"seed": [1]}, ("vary", "seed"), "vary: seed cannot be varied; seeds says how many there are of each arm"),
        (
            {"model.name": ["bag_of_embeddings"]},
            ("vary", "model.name"),
            "vary: model.name cannot be varied by itself; vary model: [ … ]",
        ),
        ({"a..b": [1]}, ("vary", "a..b"), "vary: 'a..b' is not a dotted key such as training.epochs"),
        (
            {"trainig.epochs": [1]},
            ("vary", "trainig.epochs", 0),
            "trainig is not a setting of a cell; did you mean training? "
            "(known: data, split, tokens, model, loss, training, seed)",
        ),
        (
            {"loss.gamma": [1]},
            ("vary", "loss.gamma", 0),
            "loss.gamma is not a setting of cross_entropy (known: head, label_smoothing, class_weights, pinned)",
        ),
        (
            {"training.epochs.x": [1]},
            ("vary", "training.epochs.x", 0),
            "training.epochs.x: training.epochs is 3, which has no settings beneath it",
        ),
        (
            {"training.epochs": [1, 0]},
            ("vary", "training.epochs", 1),
            "training.epochs is 0; it must be at least 1",
        ),
        (
            {"training.epochs": [1, "2"]},
            ("vary", "training.epochs", 1),
            "training.epochs is '2'; it must be a whole number",
        ),
        (
            {"loss": ["cross_entropy", "binary_cros_entropy"]},
            ("vary", "loss", 1),
            "loss is 'binary_cros_entropy', which is unknown; did you mean binary_cross_entropy? "
            "(known: cross_entropy, binary_cross_entropy)",
        ),
        (
            {"model.heads": [2, 3]},
            ("vary", "model.heads", 1),
            "model: width 32 is not a multiple of heads 3",
        ),
    ],
)
def test_a_wrong_axis_is_named(vary: dict[str, list[Any]], path: Any, text: str) -> None:
    assert faults(vary, {**SHARED, "training": {"epochs": 3}}) == [(path, text)]


def test_a_key_that_does_not_exist_is_said_once_however_many_arms_have_it() -> None:
    ((path, text),) = faults({"model.widht": [1, 2], "training.epochs": [3, 4]})
    assert path == ("vary", "model.widht", 0)
    assert text.startswith("model.widht is not a setting of transformer_encoder; did you mean width? (known: ")


def test_all_wrong_values_are_reported_together() -> None:
    found = faults({"training.epochs": [1, 0, -1], "tokens.max_length": [0]})
    assert {path for path, _ in found} == {
        ("vary", "tokens.max_length", 0),
        ("vary", "training.epochs", 1),
        ("vary", "training.epochs", 2),
    }


def test_a_setting_that_neither_is_given_nor_varies_is_missing() -> None:
    ((path, text),) = faults({"model.width": [32]}, {"data": "synthetic", "model": "bag_of_embeddings"})
    assert (path, text) == (("loss",), "loss is missing; it must be one of cross_entropy, binary_cross_entropy")


def test_the_setting_of_one_model_is_refused_for_another() -> None:
    ((path, text),) = faults({"model": ["transformer_encoder", "bag_of_embeddings"], "model.heads": [1]})
    assert path == ("vary", "model.heads", 0)
    assert text.startswith("model.heads is not a setting of bag_of_embeddings (known: ")
