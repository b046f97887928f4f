"""Rows to batches: truncated, shuffled, thinned, packed."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainables.data.batches import PackedBatch, PartBatches, gather
from trainables.data.tokens import TokenizedCorpus, TokenizedRows, TokenSettings
from trainables.data.vocabulary import Vocabulary
from trainables.randomness import Streams

MakeRows = Callable[..., TokenizedRows]
LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=30)
TRUNCATE = st.sampled_from(["head", "tail", "head_tail"])


@pytest.mark.parametrize(
    ("truncate", "max_length", "kept"),
    [
        ("head", 4, [0, 1, 2, 3]),
        ("tail", 4, [6, 7, 8, 9]),
        ("head_tail", 4, [0, 1, 8, 9]),
        ("head_tail", 5, [0, 1, 2, 8, 9]),
        ("head_tail", 1, [0]),
        ("tail", 10, list(range(10))),
    ],
)
def test_a_long_text_keeps_the_tokens_that_are_asked_for(
    truncate: str, max_length: int, kept: list[int], make_rows: MakeRows
) -> None:
    source = make_rows([[50], list(range(10)), [51, 52]])
    settings = TokenSettings(max_length=max_length, truncate=truncate)
    ids, positions, lengths = gather(source, np.array([1]), settings)
    assert ids.tolist() == kept
    assert positions.tolist() == list(range(len(kept)))
    assert lengths.tolist() == [len(kept)]


@given(sizes=LENGTHS, max_length=st.integers(1, 10), truncate=TRUNCATE, data=st.data())
def test_rows_come_in_the_order_asked_for_each_cut_on_its_own(
    sizes: list[int], max_length: int, truncate: str, data: st.DataObject, make_rows: MakeRows
) -> None:
    texts = [list(range(10 * i, 10 * i + size)) for i, size in enumerate(sizes)]
    rows = data.draw(st.permutations(range(len(texts))))
    ids, _, lengths = gather(
        make_rows(texts), np.array(rows), TokenSettings(max_length=max_length, truncate=truncate)
    )

    def cut(text: list[int]) -> list[int]:
        head = {"head": max_length, "tail": 0, "head_tail": -(-max_length // 2)}[truncate]
        tail = max_length - head
        return text if len(text) <= max_length else text[:head] + text[len(text) - tail :]

    assert ids.tolist() == [token for row in rows for token in cut(texts[row])]
    assert lengths.tolist() == [len(cut(texts[row])) for row in rows]


@given(sizes=LENGTHS)
def test_padding_and_unpadding_give_back_each_token(sizes: list[int], pack: Callable[..., PackedBatch]) -> None:
    batch = pack([[i] * size for i, size in enumerate(sizes)])
    tokens_TD = torch.stack([batch.ids_T, batch.positions_T], dim=-1)
    groups = batch.groups
    assert torch.equal(torch.cat([group.unpad(group.pad(tokens_TD)) for group in groups]), tokens_TD)
    for group in groups:
        padded_nLD = group.pad(tokens_TD)
        is_real_nL = torch.ones(padded_nLD.shape[:2], dtype=torch.bool) if group.real_nL is None else group.real_nL
        for item_LD, real_L in zip(padded_nLD, is_real_nL, strict=True):
            assert item_LD[real_L, 1].tolist() == list(range(int(real_L.sum())))  # positions 0, 1, 2, …
            assert len(item_LD[real_L, 0].unique()) == 1  # of one item


@given(sizes=LENGTHS)
def test_a_packed_batch_says_where_each_item_is(sizes: list[int], pack: Callable[..., PackedBatch]) -> None:
    batch = pack([[i] * size for i, size in enumerate(sizes)])
    assert batch.lengths_N.tolist() == sorted(sizes)
    assert batch.ids_T[batch.starts_N].tolist() == batch.rows_N.tolist()
    assert sorted(batch.rows_N) == list(range(len(sizes)))


@pytest.fixture(scope="session")
def part(make_corpus: Callable[..., TokenizedCorpus], whole_vocabulary: Vocabulary) -> PartBatches:
    """38 of 40 rows, in batches of 16."""
    rows = np.delete(np.arange(40), [3, 17])
    return PartBatches(make_corpus().splits["train"], rows, whole_vocabulary, TokenSettings(max_length=8), 16)


def contents(part: PartBatches, seed: int = 0, epoch: int = 1, first_step: int = 0, rate: float = 0.0) -> list:
    return [
        (batch.rows_N.tolist(), batch.ids_T.tolist())
        for batch in part.shuffled(Streams(seed), epoch, first_step, rate)
    ]


def test_all_of_a_batch_that_a_model_reads_is_moved_to_the_card_as_it_is(
    part: PartBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved_to: list[tuple[torch.device, bool]] = []

    def to(tensor: torch.Tensor, device: torch.device, non_blocking: bool) -> torch.Tensor:
        moved_to.append((device, non_blocking))
        return tensor.clone()

    batch, card = next(iter(part.in_order())), torch.device("cuda", 0)
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda tensor: tensor)
    monkeypatch.setattr(torch.Tensor, "to", to)
    moved = batch.to(card)
    monkeypatch.undo()
    assert moved_to == [(card, True)] * 4
    for name in ("ids_T", "positions_T", "lengths_N", "labels_N"):
        there, here = getattr(moved, name), getattr(batch, name)
        assert torch.equal(there, here)
        assert there is not here
    assert moved.rows_N.tolist() == batch.rows_N.tolist()
    assert moved.labels_N.sum() > 0
    assert batch.to(torch.device("cpu")) is batch


def test_every_row_comes_once_an_epoch(part: PartBatches) -> None:
    for batches in (list(part.in_order()), list(part.shuffled(Streams(0), 1, 0, 0.2))):
        assert sorted(row for batch in batches for row in batch.rows_N) == part.rows.tolist()
        assert [len(batch.rows_N) for batch in batches] == [16, 16, 6]
        assert len(batches) == len(part)


def test_each_item_keeps_its_label_and_its_tokens(part: PartBatches) -> None:
    for batch in part.shuffled(Streams(0), 1, 0, 0.0):
        for item, row in enumerate(batch.rows_N):
            start, length = int(batch.starts_N[item]), int(batch.lengths_N[item])
            ids, _, _ = gather(part.source, np.array([row]), part.tokens)
            assert batch.ids_T[start : start + length].tolist() == ids.tolist()
            assert batch.labels_N[item] == part.source.labels[row]


def test_the_order_is_a_function_of_seed_and_epoch_alone(part: PartBatches) -> None:
    first = contents(part)
    np.random.seed(5)
    torch.manual_seed(5)
    assert contents(part) == first
    assert contents(part, first_step=7) == first
    assert contents(part, seed=1) != first
    assert contents(part, epoch=2) != first


def test_the_rows_of_a_batch_do_not_depend_on_token_dropout(part: PartBatches) -> None:
    plain, thinned = (contents(part, rate=rate) for rate in (0.0, 0.5))
    assert [sorted(rows) for rows, _ in plain] == [sorted(rows) for rows, _ in thinned]


def test_dropped_tokens_are_a_function_of_seed_and_step(part: PartBatches) -> None:
    first = contents(part, rate=0.3)
    assert contents(part, rate=0.3) == first
    assert contents(part, rate=0.3, first_step=3) != first
    # The second batch of an epoch is the same whether or not the first was asked for: so a cell can go on.
    later = [ids for _, ids in contents(part, rate=0.3)][1]
    assert later == first[1][1]


@given(rate=st.floats(0.01, 0.99), seed=st.integers(0, 1000))
def test_token_dropout_only_leaves_tokens_out_and_at_least_one_in(
    rate: float, seed: int, part: PartBatches
) -> None:
    for batch in part.shuffled(Streams(seed), 1, 0, rate):
        assert int(batch.lengths_N.min()) >= 1
        assert batch.lengths_N.tolist() == sorted(batch.lengths_N.tolist())
        for item, row in enumerate(batch.rows_N):
            here = slice(int(batch.starts_N[item]), int(batch.starts_N[item] + batch.lengths_N[item]))
            ids, _, _ = gather(part.source, np.array([row]), part.tokens)
            positions = batch.positions_T[here].tolist()
            assert positions == sorted(set(positions))  # in order, none twice
            assert batch.ids_T[here].tolist() == ids[positions].tolist()


def test_token_dropout_leaves_out_the_share_that_is_asked_for(
    make_rows: MakeRows, whole_vocabulary: Vocabulary
) -> None:
    source, settings = make_rows([list(range(50))] * 200), TokenSettings(max_length=50)
    (batch,) = PartBatches(source, np.arange(200), whole_vocabulary, settings, 200).shuffled(Streams(0), 1, 0, 0.3)
    # 10,000 draws: a standard error of 0.0046.
    assert len(batch.ids_T) / 10_000 == pytest.approx(0.7, abs=0.015)


def test_a_text_of_one_token_survives_any_token_dropout(make_rows: MakeRows, whole_vocabulary: Vocabulary) -> None:
    part = PartBatches(make_rows([[5]] * 4), np.arange(4), whole_vocabulary, TokenSettings(), 4)
    (batch,) = part.shuffled(Streams(0), 1, 0, 0.999)
    assert batch.ids_T.tolist() == [5, 5, 5, 5]


def test_the_last_tokens_place_is_not_confused_with_the_next_items(
    make_rows: MakeRows, whole_vocabulary: Vocabulary
) -> None:
    part = PartBatches(make_rows([[1, 2], [3, 4], [5, 6]]), np.array([2, 0]), whole_vocabulary, TokenSettings(), 8)
    (batch,) = part.in_order()
    assert batch.ids_T.tolist() == [5, 6, 1, 2]


def test_a_text_without_tokens_is_our_own_mistake(make_rows: MakeRows, whole_vocabulary: Vocabulary) -> None:
    part = PartBatches(make_rows([[1], []]), np.arange(2), whole_vocabulary, TokenSettings(), 2)
    with pytest.raises(AssertionError, match="a text without tokens"):
        list(part.in_order())
