"""Which rows train, validate and test: disjoint, complete, stratified, grouped, drawn from a seed."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trainables.data.splits import Split, SplitSettings, split_rows
from trainables.errors import DataError, SettingsError
from trainables.randomness import Streams

OF_ALL = {
    "train": {"of": "all"},
    "validation": {"of": "all", "size": 0.2},
    "test": {"of": "all", "size": 0.1},
}


def deal(labels, settings=None, *, groups=None, seed=0, class_names=()) -> Split:
    """A split of {official split: labels}; a bare list is the split `all`."""
    labels = labels if isinstance(labels, dict) else {"all": labels}
    arrays = {name: np.asarray(values, np.int64) for name, values in labels.items()}
    made = SplitSettings.model_validate(OF_ALL if settings is None else settings)
    return split_rows(arrays, groups or {}, made, Streams(seed), class_names)


labels_of_three_classes = st.lists(st.integers(0, 2), min_size=60, max_size=120).map(
    lambda row: [0, 1, 2] * 12 + row
)


@given(labels_of_three_classes, st.integers(0, 5), st.booleans())
def test_parts_of_one_official_split_are_disjoint_and_complete(labels, seed, stratify):
    try:
        split = deal(labels, {**OF_ALL, "stratify": stratify}, seed=seed)
    except DataError:  # Without stratification a part may lack a class, which is refused.
        assert not stratify
        return
    rows = np.concatenate([part.rows for part in split.parts.values()])
    assert sorted(rows.tolist()) == list(range(len(labels)))
    assert all((np.diff(part.rows) > 0).all() for part in split.parts.values())


@given(labels_of_three_classes, st.integers(0, 5))
def test_every_part_has_its_class_shares_within_one_row(labels, seed):
    labels = np.array(labels)
    for part in deal(labels, seed=seed).parts.values():
        fair = np.bincount(labels) * len(part) / len(labels)
        assert (abs(np.bincount(labels[part.rows], minlength=3) - fair) < 1).all()


def test_sizes_are_numbers_shares_and_the_rest():
    split = deal([0, 1] * 50, {**OF_ALL, "validation": {"of": "all", "size": 30}})
    assert {name: len(part) for name, part in split.parts.items()} == {"train": 60, "validation": 30, "test": 10}


def test_the_paper_s_split_draws_validation_from_the_test_half_and_leaves_the_rest_to_test():
    half = np.repeat([0, 1], 12_500)
    split = deal({"train": half, "test": half}, {})
    assert {name: (part.of, len(part)) for name, part in split.parts.items()} == {
        "train": ("train", 25_000),
        "validation": ("test", 2_500),
        "test": ("test", 22_500),
    }
    # The rows are sorted by class; the first 2,500 would all be negative.
    assert np.bincount(half[split.validation.rows]).tolist() == [1250, 1250]


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    first, again, other = (deal([0, 1] * 100, seed=seed) for seed in (0, 0, 1))
    for name in first.parts:
        assert first.parts[name].rows.tolist() == again.parts[name].rows.tolist()
        assert first.parts[name].rows.tolist() != other.parts[name].rows.tolist()


def test_the_size_of_train_moves_no_row_of_validation_or_test():
    small, large = (deal([0, 1] * 100, {**OF_ALL, "train": {"of": "all", "size": size}}) for size in (20, 120))
    assert small.validation.rows.tolist() == large.validation.rows.tolist()
    assert small.test.rows.tolist() == large.test.rows.tolist()
    assert len(small.train) == 20


def test_a_bare_name_is_the_rest_of_that_official_split():
    assert SplitSettings.model_validate({"train": "all"}).train.size == "rest"


def test_test_may_be_left_out():
    split = deal([0, 1] * 20, {**OF_ALL, "test": None})
    assert split.test is None
    assert list(split.parts) == ["train", "validation"]


def test_groups_stay_whole_across_parts():
    groups = np.repeat([f"movie {n}" for n in range(60)], 4)
    split = deal([0, 1] * 120, groups={"all": groups})
    seen = [set(groups[part.rows]) for part in split.parts.values()]
    assert sum(map(len, seen)) == len(set().union(*seen)) == 60


def test_the_rows_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        deal([0, 1] * 20).train.rows[0] = 1


@pytest.mark.parametrize("limit", [6, 20])
def test_limit_rows_keeps_a_balanced_subset_of_each_part(limit):
    labels = np.repeat([0, 1], 100)
    whole, limited = deal(labels), deal(labels, {**OF_ALL, "limit_rows": limit})
    for name, part in limited.parts.items():
        assert len(part) == limit
        assert np.bincount(labels[part.rows]).tolist() == [limit // 2, limit // 2]
        assert set(part.rows) <= set(whole.parts[name].rows)


def test_limit_rows_keeps_a_row_of_a_rare_class():
    labels = np.array([0] * 980 + [1] * 20)
    split = deal(labels, {**OF_ALL, "limit_rows": 10})
    assert all(np.bincount(labels[part.rows]).tolist() == [9, 1] for part in split.parts.values())


def test_limit_rows_draws_from_its_own_stream_not_the_first_rows():
    rows = deal([0, 1] * 200, {**OF_ALL, "limit_rows": 10}).train.rows
    assert rows.tolist() != deal([0, 1] * 200).train.rows[:10].tolist()
    assert rows.tolist() != deal([0, 1] * 200, {**OF_ALL, "limit_rows": 10}, seed=1).train.rows.tolist()


@pytest.mark.parametrize(
    ("labels", "settings", "error", "message"),
    [
        (
            {"train": [0, 1] * 9, "test": [0, 1] * 9},
            {"validation": {"of": "tset", "size": 2}},
            SettingsError,
            "split.validation.of is 'tset'; the data has 'train', 'test' (did you mean 'test'?)",
        ),
        (
            [0, 1] * 9,
            {},
            SettingsError,
            "split.validation.of is 'test'; the data has 'all'; for example split.validation: {of: all, size: 0.1}",
        ),
        (
            [0, 1] * 9,
            {**OF_ALL, "validation": {"of": "all", "size": 40}},
            SettingsError,
            "42 rows are asked of 'all' (split.validation 40, split.test 2), which has 18; ask for",
        ),
        (
            [0, 1] * 9,
            {**OF_ALL, "validation": {"of": "all", "size": 16}},
            SettingsError,
            "split.train gets no row of 'all': it has 18 rows, of which are asked: split.validation 16",
        ),
        (
            [0, 1] * 2,
            OF_ALL,
            SettingsError,
            "split.test gets no row of 'all'",
        ),
        (
            {"train": [0, 1], "test": []},
            {},
            DataError,
            "split.validation.of is 'test', which has no rows",
        ),
        (
            {"train": [0, 1, 2] * 9, "test": [0, 1] * 9},
            {"validation": {"of": "test", "size": 4}},
            DataError,
            "split.validation has 4 rows of 'test' but none of class 'neutral', of which 'test' has 0",
        ),
        (
            [0, 1] * 40 + [2] * 2,
            OF_ALL,
            DataError,
            "but none of class 'neutral', of which 'all' has 2; give the part more rows (split.validation.size)",
        ),
        (
            [0, 1, 2] * 40,
            {**OF_ALL, "limit_rows": 2},
            SettingsError,
            "split.limit_rows is 2 for 3 classes: raise it",
        ),
    ],
)
def test_what_cannot_be_had_is_refused_with_the_remedy(labels, settings, error, message):
    with pytest.raises(error, match=re.escape(message)):
        deal(labels, settings, class_names=("negative", "positive", "neutral"))


def test_groups_too_large_for_a_part_are_said_to_be_the_reason():
    with pytest.raises(SettingsError, match=r"split.validation gets no row of 'all' without tearing a group apart"):
        deal(
            [0, 1] * 10,
            {**OF_ALL, "validation": {"of": "all", "size": 2}},
            groups={"all": np.repeat(["a", "b"], 10)},
        )


def test_two_parts_cannot_both_have_the_rest():
    with pytest.raises(ValidationError, match="validation and test both ask for the rest of 'test'"):
        SplitSettings.model_validate({"validation": "test"})


@pytest.mark.parametrize("size", [0, -1, 1.0, 1.5, 0.0, True, "half"])
def test_a_size_that_is_no_number_of_rows_and_no_share_is_refused(size):
    with pytest.raises(ValidationError, match="size"):
        SplitSettings.model_validate({"validation": {"of": "test", "size": size}})


def test_a_seed_of_the_split_that_each_cell_would_replace_is_refused():
    with pytest.raises(
        ValidationError, match="seed is 3, but varies_by_seed takes each cell's own seed; leave seed"
    ):
        SplitSettings(seed=3, varies_by_seed=True)
    assert SplitSettings(seed=3).replicate(7) == 3
    assert SplitSettings(varies_by_seed=True).replicate(7) == 7
