"""Dealing out rows: exact sums, fair shares, no group torn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainables.data.drawing import draw_groups, draw_rows, share_out


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    counts = draw(st.lists(st.integers(0, 12), min_size=1, max_size=7))
    cuts = sorted(draw(st.lists(st.integers(0, sum(counts)), min_size=0, max_size=3)))
    return np.diff([0, *cuts, sum(counts)]).tolist(), counts


@given(tables())
def test_shares_add_up_and_are_fair_within_one_row(table):
    sizes, counts = table
    shares_PC = share_out(sizes, counts)
    assert shares_PC.sum(axis=1).tolist() == sizes
    assert shares_PC.sum(axis=0).tolist() == counts
    # In whole numbers: |share − size × count / total| < 1, times total.
    total = sum(counts)
    assert (abs(shares_PC * total - np.outer(sizes, counts)) < max(total, 1)).all()


def test_two_parts_share_out_by_the_largest_remainder():
    # The first part's fair shares are 1.2, 0.9, 0.9 and then 1.33, 1.67, 2.
    assert share_out([3, 7], [4, 3, 3]).tolist() == [[1, 1, 1], [3, 2, 2]]
    assert share_out([5, 10], [4, 5, 6]).tolist() == [[1, 2, 2], [3, 3, 4]]


def test_three_parts_share_out_where_the_largest_remainder_for_one_after_another_gets_stuck():
    # The first part would take its two rows from the classes of 3 (remainders 1/2 against 1/3); the second and the
    # third could then not both stay within one row.
    sizes, counts = [2, 6, 4], [3, 2, 3, 2, 2]
    shares_PC = share_out(sizes, counts)
    assert shares_PC.sum(axis=1).tolist() == sizes
    assert (abs(shares_PC - np.outer(sizes, counts) / 12) < 1).all()


def test_the_same_generator_state_draws_the_same_rows_and_another_draws_others():
    labels = np.repeat([0, 1], 50)
    first, again, other = (draw_rows([20, 80], labels, np.random.default_rng(seed))[0] for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 2)), min_size=1, max_size=60), st.data())
def test_groups_are_never_torn_and_every_row_is_dealt_once(rows, data):
    groups = np.array([f"movie {group}" for group, _ in rows])
    labels = np.array([label for _, label in rows])
    size = data.draw(st.integers(0, len(rows)))
    parts = draw_groups([size, len(rows) - size], labels, groups, np.random.default_rng(0))
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(rows)))
    assert not set(groups[parts[0]]) & set(groups[parts[1]])


def test_small_groups_fill_a_part_exactly():
    generator = np.random.default_rng(0)
    groups = np.repeat([f"movie {n}" for n in range(300)], generator.integers(1, 6, 300))
    labels = generator.integers(0, 2, len(groups))
    part, _ = draw_groups([100, len(groups) - 100], labels, groups, np.random.default_rng(1))
    assert len(part) == 100
    assert np.bincount(labels[part])[0] == pytest.approx(100 * (labels == 0).mean(), abs=1)


def test_large_groups_come_as_near_as_they_can():
    groups = np.repeat(["a", "b", "c", "d"], 10)
    part, rest = draw_groups([14, 26], np.zeros(40, int), groups, np.random.default_rng(0))
    assert (len(part), len(rest)) == (10, 30)
    part, rest = draw_groups([16, 24], np.zeros(40, int), groups, np.random.default_rng(0))
    assert (len(part), len(rest)) == (20, 20)
