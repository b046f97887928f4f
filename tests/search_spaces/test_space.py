"""Axes and seeds become cells: how many, in which order, under which names."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_spaces.faults import FaultyError
from search_spaces.space import ONLY_ARM, SHORT_FORMS, arm_name, expand_arms, expand_cells, value_name, with_setting

SHARED = {
    "data": "synthetic",
    "split": {"train": "train", "validation": {"of": "test", "size": 5}, "test": "test"},
    "model": {"name": "transformer_encoder", "dropout": 0.1},
    "loss": "cross_entropy",
}
LOSSES = ["cross_entropy", "binary_cross_entropy"]


def faults(vary: dict[str, list[Any]], shared: dict[str, Any] = SHARED) -> list[tuple[Any, str]]:
    with pytest.raises(FaultyError) as caught:
        expand_cells(shared, vary, [0])
    return [(fault.path, fault.text) for fault in caught.value.faults]


def test_all_arms_of_a_seed_come_before_the_next_seed() -> None:
    cells = expand_cells(SHARED, {"loss": LOSSES}, [3, 7])
    assert [(cell.config.loss.name, cell.config.seed) for cell in cells] == [
        ("cross_entropy", 3),
        ("binary_cross_entropy", 3),
        ("cross_entropy", 7),
        ("binary_cross_entropy", 7),
    ]


def test_two_axes_give_all_combinations_and_the_last_changes_fastest() -> None:
    arms = expand_arms({"loss": LOSSES, "model.width": [32, 64]})
    assert [arm.name for arm in arms] == [
        "loss=cross_entropy, model.width=32",
        "loss=cross_entropy, model.width=64",
        "loss=binary_cross_entropy, model.width=32",
        "loss=binary_cross_entropy, model.width=64",
    ]
    assert arms[1].settings == {"loss": "cross_entropy", "model.width": 64}


def test_where_nothing_varies_there_is_one_arm() -> None:
    (cell,) = expand_cells(SHARED, {}, [0])
    assert (cell.arm.name, dict(cell.arm.settings)) == (ONLY_ARM, {})


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("model", ["bag_of_embeddings", {"name": "transformer_encoder", "width": 64}]),
        ("model.width", [32, 64]),
        ("training.learning_rate", [1e-3, 1]),
        ("tokens.max_length", [10, 20]),
        ("split.varies_by_seed", [False, True]),
        ("split.test", [None, {"of": "test", "size": 10}]),
        ("split.validation.size", [10, 0.5]),
        ("data", ["imdb", "synthetic"]),
        ("data.train_rows", [10, 20]),
    ],
)
def test_any_setting_can_vary_and_the_rest_stays(key: str, values: list[Any]) -> None:
    first, second = expand_cells(SHARED, {key: values}, [0])
    group = key.split(".")[0]
    assert getattr(first.config, group) != getattr(second.config, group)
    assert first.config.model_dump(exclude={group}) == second.config.model_dump(exclude={group})


def test_a_group_and_a_setting_in_it_can_both_vary() -> None:
    cells = expand_cells(
        SHARED, {"model.width": [32, 64], "model": ["transformer_encoder", "bag_of_embeddings"]}, [0]
    )
    assert [(cell.config.model.name, cell.config.model.width) for cell in cells] == [
        ("transformer_encoder", 32),
        ("bag_of_embeddings", 32),
        ("transformer_encoder", 64),
        ("bag_of_embeddings", 64),
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("cross_entropy", "cross_entropy"),
        ({"name": "cross_entropy"}, "cross_entropy"),
        ({"name": "focal", "gamma": 2}, "focal(gamma=2)"),
        ({"source": "huggingface", "name": "a/b"}, "huggingface(name=a/b)"),
        ({"of": "train", "size": 0.1}, "train(size=0.1)"),
        ({"epochs": 3, "batch_size": 8}, "(epochs=3, batch_size=8)"),
        ([1, "a"], "[1, a]"),
        (0.001, "0.001"),
        (None, "null"),
        (True, "true"),
        ("true", '"true"'),
        ("3", '"3"'),
        ("two words, a comma", '"two words, a comma"'),
    ],
)
def test_a_value_reads_in_an_arms_name_as_it_would_be_said(value: Any, said: str) -> None:
    assert value_name(value) == said


def test_an_arm_is_named_by_all_that_varies() -> None:
    assert arm_name({"loss": {"name": "focal", "gamma": 2}, "model.width": 64}) == (
        "loss=focal(gamma=2), model.width=64"
    )


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=5)


@given(first=values, second=values)
def test_different_values_never_read_the_same(first: Any, second: Any) -> None:
    assert (value_name(first) == value_name(second)) == (repr(first) == repr(second))


@settings(deadline=None, max_examples=25)
@given(
    lengths=st.lists(st.integers(1, 500), min_size=1, max_size=4, unique=True),
    widths=st.lists(st.sampled_from([2, 4, 6, 8]), min_size=1, max_size=3, unique=True),
    seeds=st.lists(st.integers(0, 10**9), min_size=1, max_size=4, unique=True),
)
def test_every_arm_meets_every_seed_once(lengths: list[int], widths: list[int], seeds: list[int]) -> None:
    cells = expand_cells(SHARED, {"tokens.max_length": lengths, "model.width": widths}, seeds)
    met = [(cell.config.tokens.max_length, cell.config.model.width, cell.config.seed) for cell in cells]
    assert met == [(length, width, seed) for seed in seeds for length in lengths for width in widths]
    assert len({cell.arm.name for cell in cells}) == len(lengths) * len(widths)


@pytest.mark.parametrize("vary", [["cross_entropy", {"name": "cross_entropy"}], ["cross_entropy", "cross_entropy"]])
def test_an_arm_that_is_there_twice_is_refused(vary: list[Any]) -> None:
    ((path, text),) = faults({"loss": vary})
    assert path[:2] == ("vary", "loss")
    assert text == "vary: the arm loss=cross_entropy is there twice, with the same settings; remove one"


def test_two_names_for_the_same_settings_are_refused() -> None:
    ((path, text),) = faults({"model": ["bag_of_embeddings", {"name": "bag_of_embeddings", "width": 32}]})
    assert path == ("vary", "model", 1)
    names = "model=bag_of_embeddings and model=bag_of_embeddings(width=32)"
    assert text == f"vary: the arms {names} are the same settings; remove one"


def test_a_repeated_value_is_named_once_however_many_arms_it_makes() -> None:
    ((path, _),) = faults({"training.learning_rate": [1, 1.0], "loss": LOSSES})
    assert path == ("vary", "training.learning_rate", 1)


def test_setting_a_key_leaves_the_given_mapping_as_it_was() -> None:
    before = {"model": "bag_of_embeddings"}
    assert with_setting(before, "model.width", 8) == {"model": {"name": "bag_of_embeddings", "width": 8}}
    assert before == {"model": "bag_of_embeddings"}


@pytest.mark.parametrize(("group", "key"), SHORT_FORMS.items())
def test_a_group_in_short_form_is_opened_under_the_setting_that_the_word_is(group: str, key: str) -> None:
    words = {"data": "imdb", "model": "bag_of_embeddings", "loss": "cross_entropy"}
    word = words.get(group, "all")
    sizes = {f"split.{part}.size": size for part, size in (("train", 5), ("validation", 6), ("test", 7))}
    shared: dict[str, Any] = dict(SHARED)
    for setting, size in sizes.items():
        shared = with_setting(shared, setting, size)
        shared = with_setting(shared, setting.replace("size", "of"), "all")
    opened = with_setting(with_setting(shared, group, word), f"{group}.{key}", word)
    (short,) = expand_cells(with_setting(shared, group, word), {}, [0])
    (long,) = expand_cells(opened, {}, [0])
    assert short.config == long.config
