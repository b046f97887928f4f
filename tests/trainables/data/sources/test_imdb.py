"""IMDB is the same data in each of the forms in which people keep it."""

import re

import pandas as pd
import pytest

from trainables.data.sources import ImdbSource
from trainables.data.splits import SplitSettings, split_rows
from trainables.errors import DataError
from trainables.randomness import Streams

# The order of the published archive: by class, then id. Ids 2 and 10 tell order by number from order by name.
NEGATIVE = [f"It was bad, the {n}th time.<br />Café." for n in range(11)]
POSITIVE = [f"It was good, the {n}th time." for n in range(11)]
MOVIES = [f"tt{n // 2:07}" for n in range(11)]


def frame(half: str, movies: bool = True) -> pd.DataFrame:
    rows = pd.DataFrame({"text": [f"{half}: {text}" for text in NEGATIVE + POSITIVE], "label": [0] * 11 + [1] * 11})
    return rows.assign(movie=MOVIES + MOVIES) if movies else rows


def published(folder, urls: bool = True):
    for half in ("train", "test"):
        for side, texts in (("neg", NEGATIVE), ("pos", POSITIVE)):
            (folder / half / side).mkdir(parents=True)
            for number, text in enumerate(texts):
                (folder / half / side / f"{number}_{number % 10 + 1}.txt").write_text(
                    f"{half}: {text}", encoding="utf-8"
                )
            if urls:
                lines = [f"http://www.imdb.com/title/{movie}/usercomments\n" for movie in MOVIES]
                (folder / half / f"urls_{side}.txt").write_text("".join(lines))
        (folder / half / "unsup").mkdir()
        (folder / half / "unsup" / "0_0.txt").write_text("no label")
    return folder


def load(path):
    return ImdbSource(path=str(path)).load()


def test_parquet_and_the_published_folder_have_the_same_fingerprint(tmp_path):
    for half in ("train", "test"):
        frame(half).to_parquet(tmp_path / f"{half}.parquet")
    from_parquet, from_folder = load(tmp_path), load(published(tmp_path / "x" / "aclImdb").parent)
    assert from_parquet.fingerprint == from_folder.fingerprint
    assert from_parquet.class_names == ("negative", "positive")
    assert from_parquet.splits["train"].labels.tolist() == [0] * 11 + [1] * 11
    assert from_folder.splits["test"].texts[10] == f"test: {NEGATIVE[10]}"
    assert from_folder.splits["test"].groups.tolist() == MOVIES + MOVIES


def test_the_hub_s_layout_of_parquet_files_in_pieces_is_read(tmp_path):
    (tmp_path / "plain_text").mkdir()
    for half in ("train", "test"):
        rows = frame(half, movies=False)
        rows[:8].to_parquet(tmp_path / "plain_text" / f"{half}-00000-of-00002.parquet")
        rows[8:].to_parquet(tmp_path / "plain_text" / f"{half}-00001-of-00002.parquet")
    rows.assign(label=-1).to_parquet(tmp_path / "plain_text" / "unsupervised-00000-of-00001.parquet")
    corpus = load(tmp_path)
    assert corpus.splits["train"].texts == frame("train").text.tolist()
    assert corpus.splits["train"].groups is None


def test_a_published_folder_without_urls_has_no_groups(tmp_path):
    assert load(published(tmp_path / "aclImdb", urls=False)).splits["train"].groups is None


def write_csv(file, rows):
    words = rows.label.map({0: "negative", 1: "positive"})
    made = pd.DataFrame({"review": rows.text, "sentiment": words})
    packing = {"method": "zip", "archive_name": "a.csv"} if file.suffix == ".zip" else "infer"
    made.to_csv(file, index=False, compression=packing)
    return load(file)


def counts(rows):
    return [rows.labels.tolist().count(label) for label in (0, 1)]


@pytest.mark.parametrize("name", ["IMDB Dataset.csv", "IMDB Dataset.csv.gz", "archive.zip"])
def test_the_csv_has_halves_of_its_own_and_says_that_they_are_not_the_official_ones(tmp_path, name):
    rows = frame("csv")
    corpus = write_csv(tmp_path / name, rows)
    train, test = corpus.splits["train"], corpus.splits["test"]
    # 22 rows: of 11 reviews a class, 5 or 6 to each half.
    assert (counts(train), counts(test)) in [([6, 5], [5, 6]), ([5, 6], [6, 5])]
    assert sorted(train.texts + test.texts) == sorted(rows.text)
    label_of = dict(zip(rows.text, rows.label, strict=True))
    for half in (train, test):
        assert [label_of[text] for text in half.texts] == half.labels.tolist()
        assert half.groups is None
    assert corpus.notes == (
        f"{name} has no official split: its halves train (11 rows) and test (11 rows) are drawn by a hash of "
        "each text. Reviews of one movie stand in both, so figures on them are not comparable with those on the "
        "official halves.",
    )


def test_the_order_of_the_csv_s_rows_changes_nothing(tmp_path):
    rows = frame("csv")
    sorted_by_class = write_csv(tmp_path / "a.csv", rows)
    shuffled = write_csv(tmp_path / "b.csv", rows.sample(frac=1, random_state=0))
    assert sorted_by_class.fingerprint == shuffled.fingerprint


def test_the_csv_s_halves_are_neither_its_first_and_last_rows_nor_sorted_by_class(tmp_path):
    rows = pd.DataFrame({"text": [f"review {n}" for n in range(400)], "label": [0] * 200 + [1] * 200})
    train = write_csv(tmp_path / "a.csv", rows).splits["train"]
    assert counts(train) == [100, 100]
    # Drawn without an eye on where it stood, half of train comes from each class's first hundred: 100 ± 7 of 200.
    early = sum(int(text.split()[1]) % 200 < 100 for text in train.texts)
    assert 65 < early < 135
    changes = (train.labels[1:] != train.labels[:-1]).sum()
    assert 65 < changes < 135


def test_a_row_more_moves_few_others(tmp_path):
    rows = pd.DataFrame({"text": [f"review {n}" for n in range(400)], "label": [0, 1] * 200})
    before = write_csv(tmp_path / "a.csv", rows[:-2]).splits["train"].texts
    after = write_csv(tmp_path / "b.csv", rows).splits["train"].texts
    assert len(set(before) ^ set(after)) <= 6


def test_copies_of_a_review_stay_in_one_half_of_the_csv(tmp_path):
    rows = pd.DataFrame({"text": [f"review {n // 4}" for n in range(400)], "label": [0] * 200 + [1] * 200})
    corpus = write_csv(tmp_path / "a.csv", rows)
    shared = set(corpus.splits["train"].texts) & set(corpus.splits["test"].texts)
    assert len(shared) <= 2  # one a class, where the middle falls between copies


def test_an_empty_review_of_the_csv_is_named_by_its_row(tmp_path):
    rows = frame("csv")
    rows.loc[4, "text"] = " "
    with pytest.raises(DataError, match=r"a\.csv: the text is empty in row 5;"):
        write_csv(tmp_path / "a.csv", rows)


@pytest.mark.parametrize("form", ["parquet", "published", "csv"])
def test_the_paper_s_split_can_be_drawn_from_every_local_form(tmp_path, form):
    if form == "parquet":
        for half in ("train", "test"):
            frame(half).to_parquet(tmp_path / f"{half}.parquet")
        corpus = load(tmp_path)
    elif form == "published":
        corpus = load(published(tmp_path / "aclImdb"))
    else:
        corpus = write_csv(tmp_path / "IMDB.csv", pd.concat([frame("train"), frame("test")]))
    split = split_rows(
        {name: rows.labels for name, rows in corpus.splits.items()},
        {name: rows.groups for name, rows in corpus.splits.items()},
        SplitSettings(validation={"of": "test", "size": 6}),
        Streams(0),
        corpus.class_names,
    )
    assert (split.train.of, len(split.train)) == ("train", 22)
    assert len(split.validation) + len(split.test) == 22


def test_a_csv_of_another_kind_is_refused(tmp_path):
    frame("csv").to_csv(tmp_path / "a.csv")
    with pytest.raises(
        DataError, match=r"not review and sentiment; for a CSV of another kind use \{source: files\}"
    ):
        load(tmp_path / "a.csv")


def test_a_csv_with_a_third_sentiment_is_refused_with_its_row(tmp_path):
    pd.DataFrame({"review": ["a", "b", "c"], "sentiment": ["positive", "mixed", "negative"]}).to_csv(
        tmp_path / "a.csv"
    )
    message = r"a\.csv: the sentiment in row 2 is 'mixed', neither negative nor positive; for a CSV of another kind"
    with pytest.raises(DataError, match=message):
        load(tmp_path / "a.csv")


def test_a_folder_without_reviews_is_refused_with_what_is_there(tmp_path):
    (tmp_path / "train.parquet").touch()
    message = (
        f"data.path: {tmp_path} holds no form of IMDB (there is: train.parquet); set data.path to a local copy"
    )
    with pytest.raises(DataError, match=re.escape(message)):
        load(tmp_path)


def test_a_missing_path_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"there is no file .*nowhere"):
        load(tmp_path / "nowhere")


def test_a_review_that_is_not_utf8_is_named(tmp_path):
    (published(tmp_path / "aclImdb") / "test" / "pos" / "3_4.txt").write_bytes("Café".encode("latin1"))
    with pytest.raises(DataError, match=r"test/pos/3_4\.txt, line 1, is not UTF-8"):
        load(tmp_path)


def test_other_labels_are_refused(tmp_path):
    for half in ("train", "test"):
        frame(half).assign(label=range(22)).to_parquet(tmp_path / f"{half}.parquet")
    with pytest.raises(DataError, match="two kinds"):
        load(tmp_path)


def test_an_unreachable_hub_is_said_at_once_with_the_local_remedy(monkeypatch):
    from huggingface_hub import HfApi

    def refuse(*args, **kwargs):
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(HfApi, "dataset_info", refuse)
    with pytest.raises(
        DataError, match=r"hub cannot be reached for 'stanfordnlp/imdb' .*set data.path to a local copy"
    ):
        ImdbSource().load()
