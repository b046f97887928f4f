"""Named streams."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainables.randomness import Streams

NAME = st.tuples(st.sampled_from(["init", "order", "tokens", "dropout"]), st.integers(0, 10_000))


def test_a_streams_seed_is_the_hash_of_seed_and_name() -> None:
    # printf 7/order/3 | sha256sum: the first eight bytes, little end first, without their lowest bit.
    assert Streams(7).derive("order", 3) == int.from_bytes(bytes.fromhex("19cd16803fef73ea"), "little") >> 1


@given(seed=st.integers(0, 10_000), name=NAME)
def test_the_same_name_gives_the_same_numbers_whatever_ran_before(seed: int, name: tuple[str, int]) -> None:
    first = torch.rand(4, generator=Streams(seed).torch(*name))
    numbers = Streams(seed).numpy(*name).random(4)
    torch.rand(3)
    assert torch.equal(first, torch.rand(4, generator=Streams(seed).torch(*name)))
    assert np.array_equal(numbers, Streams(seed).numpy(*name).random(4))


@given(seeds=st.sets(st.integers(0, 10_000), min_size=2, max_size=2), name=NAME, other=NAME)
def test_another_seed_or_another_name_gives_another_stream(
    seeds: set[int], name: tuple[str, int], other: tuple[str, int]
) -> None:
    first, second = seeds
    assert Streams(first).derive(*name) != Streams(second).derive(*name)
    assert (Streams(first).derive(*name) == Streams(first).derive(*other)) == (name == other)


def test_neighbouring_seeds_give_unrelated_numbers() -> None:
    draws = np.array([Streams(seed).numpy("order", 1).random(200) for seed in range(20)])
    # 190 correlations of 200 draws each: a standard deviation of 0.07, so 0.35 is five of them.
    assert np.abs(np.corrcoef(draws)[np.triu_indices(20, 1)]).max() < 0.35
    assert draws.mean() == np.clip(draws.mean(), 0.48, 0.52)


def test_drawing_leaves_the_global_state_alone() -> None:
    before = torch.get_rng_state()
    torch.rand(3, generator=Streams(0).torch("init", "x"))
    assert torch.equal(torch.get_rng_state(), before)
