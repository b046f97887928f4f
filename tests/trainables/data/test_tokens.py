"""Texts to ids, and the cache."""

import multiprocessing
from itertools import pairwise
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from trainables.data.corpus import Corpus, LabelledTexts
from trainables.data.encodings import load_encoding
from trainables.data.tokens import TokenizedCorpus, TokenizedRows, encode_texts, tokenize

CL100K = load_encoding("cl100k_base")


def reviews(*train: str) -> Corpus:
    train = train or ("a fine film", "dull", "naïve café 映画 🎬")
    splits = {
        "train": LabelledTexts(list(train), np.arange(len(train)) % 2),
        "test": LabelledTexts(["so so", "grand"], np.array([0, 1]), np.array(["m1", "m2"])),
    }
    return Corpus(splits, ("bad", "good"))


def texts_of(corpus: TokenizedCorpus, split: str) -> list[str]:
    rows, encoding = corpus.splits[split], load_encoding(corpus.encoding)
    return [encoding.decode(rows.ids[start:end].tolist()) for start, end in pairwise(rows.offsets)]


@effort(max_examples=30)
@given(st.lists(st.text(max_size=20), max_size=5))
def test_ids_decode_to_the_texts_that_they_came_from(texts: list[str]) -> None:
    ids, offsets, size = encode_texts(texts, "cl100k_base")
    assert [CL100K.decode(ids[start:end].tolist()) for start, end in pairwise(offsets)] == texts
    assert size == 100_277


def test_special_tokens_in_a_text_are_plain_text() -> None:
    ids, _, _ = encode_texts(["good <|endoftext|> bad"], "cl100k_base")
    assert ids.max() < CL100K.eot_token
    assert CL100K.decode(ids.tolist()) == "good <|endoftext|> bad"


def test_a_corpus_keeps_its_texts_labels_groups_and_names(tmp_path: Path) -> None:
    corpus = reviews()
    tokenized = tokenize(corpus, "cl100k_base", tmp_path)
    assert {name: texts_of(tokenized, name) for name in corpus.splits} == {
        name: rows.texts for name, rows in corpus.splits.items()
    }
    assert tokenized.splits["test"].labels.tolist() == [0, 1]
    assert tokenized.splits["test"].groups.tolist() == ["m1", "m2"]
    assert (tokenized.class_names, tokenized.fingerprint) == (("bad", "good"), corpus.fingerprint)
    assert tokenized.vocabulary_size == 100_277


def test_the_shared_arrays_are_memory_mapped_and_cannot_be_written_to(tmp_path: Path) -> None:
    ids = tokenize(reviews(), "cl100k_base", tmp_path).splits["train"].ids
    assert isinstance(ids, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        ids[0] = 7


def test_the_digest_notices_one_changed_id(tmp_path: Path) -> None:
    before = tokenize(reviews("a fine film"), "cl100k_base", tmp_path).digest()
    assert tokenize(reviews("a fine film"), "cl100k_base", tmp_path).digest() == before
    assert tokenize(reviews("a fine filn"), "cl100k_base", tmp_path).digest() != before


def test_the_digest_notices_where_one_text_ends_and_the_next_begins() -> None:
    def digest(ends: int) -> str:
        ids, labels = np.arange(5, dtype=np.int32), np.zeros(2, np.int64)
        rows = TokenizedRows(ids, np.array([0, ends, 5]), labels, None)
        return TokenizedCorpus({"train": rows}, ("no", "yes"), "fingerprint", "cl100k_base", 5).digest()

    assert digest(2) == digest(2) != digest(3)


def test_what_is_in_the_cache_is_not_encoded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = tokenize(reviews(), "cl100k_base", tmp_path / "made" / "when needed")

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("encoded again")

    monkeypatch.setattr("trainables.data.tokens.encode_texts", refuse)
    assert tokenize(reviews(), "cl100k_base", tmp_path / "made" / "when needed").digest() == first.digest()
    with pytest.raises(AssertionError, match="encoded again"):
        tokenize(reviews(), "o200k_base", tmp_path / "made" / "when needed")
    with pytest.raises(AssertionError, match="encoded again"):
        tokenize(reviews("other texts"), "cl100k_base", tmp_path / "made" / "when needed")


def folders(cache: Path) -> list[Path]:
    return [path for path in cache.iterdir() if path.is_dir()]


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("train.ids.npy", lambda data: data[:-1] + bytes([data[-1] ^ 1])),  # one bit
        ("test.offsets.npy", lambda data: data[:-8]),  # cut short
        ("meta.json", lambda data: b""),
        ("meta.json", lambda data: b"[]"),  # JSON, but not what was written
    ],
)
def test_a_damaged_folder_is_set_aside_and_made_anew(file: str, damage, tmp_path: Path) -> None:
    sound = tokenize(reviews(), "cl100k_base", tmp_path).digest()
    (folder,) = folders(tmp_path)
    for times in (1, 2):  # by the same process, too
        (folder / file).write_bytes(damage((folder / file).read_bytes()))
        assert tokenize(reviews(), "cl100k_base", tmp_path).digest() == sound
        assert len([path for path in folders(tmp_path) if path.name.startswith("damaged-")]) == times
        assert len(folders(tmp_path)) == times + 1


def test_a_missing_file_is_made_anew(tmp_path: Path) -> None:
    sound = tokenize(reviews(), "cl100k_base", tmp_path).digest()
    (folder,) = folders(tmp_path)
    (folder / "train.ids.npy").unlink()
    assert tokenize(reviews(), "cl100k_base", tmp_path).digest() == sound


def test_a_process_killed_while_encoding_leaves_nothing_that_is_taken_for_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("trainables.data.tokens._sha256", lambda file: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tokenize(reviews(), "cl100k_base", tmp_path)
    assert folders(tmp_path) == []
    assert texts_of(tokenize(reviews(), "cl100k_base", tmp_path), "train")[1] == "dull"


def tokenize_at_once(barrier: Barrier, cache: str, report: str) -> None:
    barrier.wait(timeout=60)
    Path(report).write_text(tokenize(reviews(), "cl100k_base", Path(cache)).digest())


@pytest.mark.parametrize("damaged", [False, True], ids=["nothing there", "a damaged folder there"])
def test_two_processes_at_once_make_one_folder(damaged: bool, tmp_path: Path) -> None:
    cache = tmp_path / "cache with a space"
    expected = tokenize(reviews(), "cl100k_base", cache if damaged else tmp_path / "elsewhere").digest()
    if damaged:
        (folders(cache)[0] / "meta.json").write_text("{}")
    context = multiprocessing.get_context("spawn")
    barrier, reports = context.Barrier(2), [tmp_path / "first", tmp_path / "second"]
    both = [context.Process(target=tokenize_at_once, args=(barrier, str(cache), str(report))) for report in reports]
    for process in both:
        process.start()
    for process in both:
        process.join(timeout=120)
    assert [process.exitcode for process in both] == [0, 0]
    assert [report.read_text() for report in reports] == [expected, expected]
    assert len([path for path in folders(cache) if path.name.startswith("damaged-")]) == damaged
    assert len(folders(cache)) == 1 + damaged
