"""The cell key changes with everything that can change a cell's result, and with nothing else."""

import itertools
from collections.abc import Iterator
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import ValidationError

from orchestrator.plan import cell_key, identity, key_material
from trainables.config import CellConfig
from trainables.data.corpus import Corpus, LabelledTexts
from trainables.losses import AnyLoss
from trainables.models import AnyModel

FINGERPRINT = "ab" * 32

CONFIG: dict[str, Any] = {
    "data": {"source": "synthetic"},
    "split": {
        "train": {"of": "train", "size": "rest"},
        "validation": {"of": "test", "size": 2500},
        "test": {"of": "test", "size": "rest"},
        "stratify": True,
        "seed": 0,
        "varies_by_seed": False,
        "limit_rows": None,
    },
    "tokens": {"encoding": "cl100k_base", "max_length": 512, "truncate": "head", "min_count": None},
    "model": {
        "name": "transformer_encoder",
        "token_dropout": 0.0,
        "embedding_std": 0.1,
        "width": 32,
        "heads": 2,
        "layers": 1,
        "feed_forward": 128,
        "norm": "pre",
        "positions": "none",
        "pooling": "mean",
        "dropout": 0.2,
    },
    "loss": {"name": "cross_entropy"},
    "training": {
        "epochs": 10,
        "batch_size": 64,
        "learning_rate": 0.001,
        "weight_decay": 0.01,
        "beta1": 0.9,
        "beta2": 0.999,
        "warmup": 0.05,
        "schedule": "linear",
        "clip_norm": None,
        "precision": "float32",
        "deterministic": True,
    },
    "seed": 0,
}
"""Every setting is spelt out, so that a new default alone changes nothing here."""


def test_the_key_of_a_written_out_cell_is_what_it_has_always_been() -> None:
    config = CellConfig.model_validate(CONFIG)
    assert cell_key(config, FINGERPRINT) == "356d030cf542a2a14a7c4e63ce6e4336", (
        "The same settings now have another key: every cell that users have stored is orphaned, and would be "
        "trained again. test_recorded_keys.py says what to do."
    )


# It changes with every declared setting.


def members(annotated: Any) -> list[type]:
    """The classes of `AnyLoss`, `AnyModel`: a new one is tested by itself."""
    union = get_args(annotated)[0]
    return list(get_args(union) or (union,))


def base_config(model: type, loss: type) -> CellConfig:
    return CellConfig.model_validate({**CONFIG, "model": model(), "loss": loss(), "seed": 3})


BASES = [base_config(model, loss) for model, loss in itertools.product(members(AnyModel), members(AnyLoss))]
VALUES = [
    *(True, False, 0, 1, 2, 4, 0.25, 0.5),
    *("all", "tail", "cosine", "bfloat16", "o200k_base", "post", "learned", "first", "one_row", "two_rows"),
    [2.0, 4.0],
]
"""Among these, every setting finds another valid value."""


def leaves(tree: dict[str, Any], *above: str) -> Iterator[tuple[str, ...]]:
    """The paths of all single settings."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, *above, name)
        else:
            yield (*above, name)


def changed(config: CellConfig, path: tuple[str, ...]) -> CellConfig:
    """The same but for that one setting, whatever valid value it takes."""
    for value in VALUES:
        tree = config.model_dump(mode="json")
        group = tree
        for name in path[:-1]:
            group = group[name]
        group[path[-1]] = value
        try:
            other = CellConfig.model_validate(tree)
        except ValidationError:
            continue
        if other != config:
            return other
    raise AssertionError(f"VALUES has no other valid value for {'.'.join(path)}: add one")


@pytest.mark.parametrize("config", BASES, ids=[f"{base.model.name}-{base.loss.name}" for base in BASES])
def test_the_key_changes_with_every_declared_setting(config: CellConfig) -> None:
    # The data enter by their contents; the kinds of model and loss differ between the bases.
    declared = [
        path
        for path in leaves(config.model_dump(mode="json"))
        if path[0] != "data" and path not in (("model", "name"), ("loss", "name"))
    ]
    assert ("training", "beta2") in declared
    assert ("split", "validation", "of") in declared
    keys = {path: cell_key(changed(config, path), FINGERPRINT) for path in declared}
    own = cell_key(config, FINGERPRINT)
    assert [path for path, key in keys.items() if key == own] == []
    assert len({own, *keys.values()}) == 1 + len(declared)


def test_each_kind_of_model_and_loss_has_its_own_key() -> None:
    assert len({cell_key(base, FINGERPRINT) for base in BASES}) == len(BASES)


def test_a_cell_without_a_test_part_has_another_key() -> None:
    tree = {**CONFIG, "split": {**CONFIG["split"], "test": None}}
    assert cell_key(CellConfig.model_validate(tree), FINGERPRINT) != cell_key(BASES[0], FINGERPRINT)


def test_the_key_changes_with_the_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cell_key(BASES[0], FINGERPRINT)
    monkeypatch.setattr(identity, "RECIPE", identity.RECIPE + 1)
    assert cell_key(BASES[0], FINGERPRINT) != before


# And with the contents of the data.

TEXTS, LABELS, GROUPS = ["good", "bad", ""], [1, 0, 0], ["a", "b", "b"]


def fingerprint(
    texts: list[str] = TEXTS,
    labels: list[int] = LABELS,
    names: tuple[str, ...] = ("no", "yes"),
    split: str = "train",
    groups: list[str] | None = GROUPS,
    **rest: Any,
) -> str:
    rows = LabelledTexts(texts, np.array(labels), None if groups is None else np.array(groups))
    return Corpus({split: rows}, names, **rest).fingerprint


CHANGES: dict[str, dict[str, Any]] = {
    "one letter": {"texts": ["good", "bad", "."]},
    "the order": {"texts": ["bad", "good", ""]},
    "where a text ends": {"texts": ["goodb", "ad", ""]},
    "a label": {"labels": [1, 1, 0]},
    "the classes' order": {"names": ("yes", "no")},
    "a class more": {"names": ("no", "yes", "maybe")},
    "the split's name": {"split": "all"},
    "a group": {"groups": ["a", "b", "c"]},
    "no groups": {"groups": None},
}


def test_the_fingerprint_changes_with_all_contents_of_the_data() -> None:
    found = {what: fingerprint(**change) for what, change in CHANGES.items()}
    assert len({fingerprint(), *found.values()}) == 1 + len(CHANGES)
    assert fingerprint(notes=("read from elsewhere",)) == fingerprint()
    keys = {cell_key(BASES[0], print_of) for print_of in found.values()}
    assert len(keys) == len(CHANGES)


def test_the_key_does_not_change_with_where_the_data_were_read_from() -> None:
    sources: list[Any] = [
        "synthetic",
        "imdb",
        {"source": "imdb", "path": "/a/copy of it"},
        {"source": "files", "path": "a.csv", "text_column": "review"},
    ]
    configs = [CellConfig.model_validate({**CONFIG, "data": source}) for source in sources]
    assert len({cell_key(config, FINGERPRINT) for config in configs}) == 1
    assert key_material(configs[3], FINGERPRINT)["data"] == {"fingerprint": FINGERPRINT}


# Equal settings, written differently, are one cell.

SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "whole number for a decimal": ({"training": {"clip_norm": 1}}, {"training": {"clip_norm": 1.0}}),
    "number in text": ({"training": {"learning_rate": "1e-3"}}, {"training": {"learning_rate": 0.001}}),
    "decimal for a whole number": ({"tokens": {"max_length": 64.0}}, {"tokens": {"max_length": 64}}),
    "short form": (
        {"loss": "binary_cross_entropy", "model": "bag_of_embeddings", "split": {"train": "train"}},
        {
            "loss": {"name": "binary_cross_entropy"},
            "model": {"name": "bag_of_embeddings"},
            "split": {"train": {"of": "train", "size": "rest"}},
        },
    ),
    "default left out": ({"training": {}}, {"training": {"beta1": 0.9}}),
    "order": ({"training": {"epochs": 2, "beta1": 0.5}}, {"training": {"beta1": 0.5, "epochs": 2}}),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_equal_settings_written_differently_have_one_key(one: dict[str, Any], other: dict[str, Any]) -> None:
    written = [{"data": "synthetic", "loss": "cross_entropy", "seed": 0} | part for part in (one, other)]
    configs = [CellConfig.model_validate(tree) for tree in written]
    assert configs[0] == configs[1]
    assert len({cell_key(config, FINGERPRINT) for config in configs}) == 1
    again = CellConfig.model_validate_json(configs[0].model_dump_json())
    assert cell_key(again, FINGERPRINT) == cell_key(configs[0], FINGERPRINT)
