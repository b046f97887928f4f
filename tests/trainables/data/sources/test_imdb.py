"""IMDB is the same data in each of the forms in which people keep it."""

import re

import pandas as pd
import pytest

from trainables.data.sources import ImdbSource
from trainables.errors import DataError

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


@pytest.mark.parametrize("name", ["IMDB Dataset.csv", "IMDB Dataset.csv.gz", "archive.zip"])
def test_the_csv_is_one_split_and_says_that_the_official_one_is_lost(tmp_path, name):
    rows = frame("csv").sample(frac=1, random_state=0)
    words = rows.label.map({0: "negative", 1: "positive"})
    made = pd.DataFrame({"review": rows.text, "sentiment": words})
    made.to_csv(
        tmp_path / name,
        index=False,
        compression={"method": "zip", "archive_name": "a.csv"} if "zip" in name else "infer",
    )
    corpus = load(tmp_path / name)
    assert corpus.splits["all"].texts == rows.text.tolist()
    assert corpus.splits["all"].labels.tolist() == rows.label.tolist()
    assert corpus.notes[0].startswith(f"{name} has lost the official split")


def test_a_csv_of_another_kind_is_refused(tmp_path):
    frame("csv").to_csv(tmp_path / "a.csv")
    with pytest.raises(
        DataError, match=r"not review and sentiment; for a CSV of another kind use \{source: files\}"
    ):
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
    with pytest.raises(DataError, match=r"test/pos/3_4\.txt is not UTF-8"):
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
