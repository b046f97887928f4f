"""Data sets in the hub's layout, read here from local folders, and what is said when the hub says no."""

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import datasets
import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError

from trainables.data.sources import HuggingFaceSource, ImdbSource
from trainables.errors import DataError

NAMES = ["terrible", "great", "unused"]


@pytest.fixture
def local(tmp_path):
    """A data set with named classes and a split without labels, as the hub keeps it."""
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=NAMES)})
    (tmp_path / "data").mkdir()
    for split, labels in {"train": [1, 0, 1], "test": [0, 1], "unsupervised": [-1, -1]}.items():
        rows = {"text": [f"{split} {number}" for number in range(len(labels))], "label": labels}
        datasets.Dataset.from_dict(rows, features=features).to_parquet(
            tmp_path / "data" / f"{split}-00000-of-00001.parquet"
        )
    return str(tmp_path)


def test_classes_have_the_names_and_the_order_that_the_data_set_gives_them(local):
    corpus = HuggingFaceSource(name=local).load()
    assert corpus.class_names == ("terrible", "great")
    assert corpus.splits["train"].labels.tolist() == [1, 0, 1]
    assert corpus.splits["train"].texts == ["train 0", "train 1", "train 2"]


def test_a_split_without_labels_is_left_out_with_a_note(local):
    corpus = HuggingFaceSource(name=local).load()
    assert list(corpus.splits) == ["train", "test"]
    assert corpus.notes == (f"{local}, split 'unsupervised' has no labels and was left out.",)


def test_only_the_splits_asked_for_are_read(local):
    assert list(HuggingFaceSource(name=local, splits=("test",)).load().splits) == ["test"]


def test_a_split_without_labels_is_refused_where_it_is_asked_for(local):
    with pytest.raises(DataError, match="split 'unsupervised': the label is missing or blank in 2 of 2 rows"):
        HuggingFaceSource(name=local, splits=("train", "unsupervised")).load()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"splits": ("trian",)},
            "data.splits names 'trian'; NAME has 'train', 'test', 'unsupervised' (did you mean 'train'?)",
        ),
        (
            {"text_column": "txt"},
            "there is no column 'txt'; the columns are 'text', 'label' (did you mean 'text'?)",
        ),
        ({"config": "en"}, "data: NAME cannot be read: BuilderConfig 'en' not found."),
    ],
)
def test_what_the_data_set_does_not_have_is_refused(local, settings, message):
    with pytest.raises(DataError, match=re.escape(message.replace("NAME", local))):
        HuggingFaceSource(name=local, **settings).load()


def test_a_folder_without_data_is_refused(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        HuggingFaceSource(name=str(tmp_path)).load()


def test_a_path_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"there is no folder .*, and no data set on the hub has such a name"):
        HuggingFaceSource(name=str(tmp_path / "nowhere")).load()


def test_a_revision_of_a_local_folder_is_refused_for_it_has_none(local):
    message = f"data.revision is 'v2', but data.name, {local}, is a folder on this machine, which has no revisions"
    with pytest.raises(DataError, match=re.escape(message)):
        HuggingFaceSource(name=local, revision="v2").load()


def test_the_hub_is_asked_for_the_configuration_and_revision_that_the_settings_name(local, monkeypatch):
    asked = give(datasets.load_dataset(local), monkeypatch)
    corpus = HuggingFaceSource(name="some/reviews", config="en", revision="abc").load()
    assert asked == [
        ("info", ("some/reviews",), {"revision": "abc", "timeout": 10.0}),
        ("data", ("some/reviews", "en"), {"revision": "abc"}),
    ]
    assert corpus.splits["test"].texts == ["test 0", "test 1"]


def test_imdb_is_read_from_the_hub_with_both_halves_at_a_commit_that_never_changes(monkeypatch):
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])}
    )
    halves = {
        half: datasets.Dataset.from_dict({"text": [f"{half} 0", f"{half} 1"], "label": [1, 0]}, features=features)
        for half in ("train", "test", "unsupervised")
    }
    asked = give(halves, monkeypatch)
    corpus = ImdbSource().load()
    commit = {"revision": "e6281661ce1c48d982bc483cf8a173c1bbeb5d31"}
    assert asked == [
        ("info", ("stanfordnlp/imdb",), {**commit, "timeout": 10.0}),
        ("data", ("stanfordnlp/imdb", None), commit),
    ]
    assert {half: rows.texts for half, rows in corpus.splits.items()} == {
        "train": ["train 0", "train 1"],
        "test": ["test 0", "test 1"],
    }
    assert (corpus.class_names, corpus.splits["test"].labels.tolist()) == (("negative", "positive"), [1, 0])


def give(data: Mapping[str, datasets.Dataset], monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, Any]]:
    """Let the hub have this data set. Gives the list of what it was asked."""
    asked: list[tuple[str, Any, Any]] = []
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(HfApi, "dataset_info", lambda self, *given, **named: asked.append(("info", given, named)))

    def load(*given: Any, **named: Any) -> Mapping[str, datasets.Dataset]:
        asked.append(("data", given, named))
        return data

    monkeypatch.setattr(datasets, "load_dataset", load)
    return asked


def answer_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Let the hub answer so. Gives the list of what it was asked."""
    asked: list[dict[str, Any]] = []

    def answer(self, name, **settings):
        asked.append({"name": name, **settings})
        raise error

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(HfApi, "dataset_info", answer)
    return asked


def test_an_unreachable_hub_is_asked_once_and_the_remedy_is_a_local_folder(monkeypatch):
    asked = answer_with(ConnectionError("no route to host"), monkeypatch)
    message = r"the hub cannot be reached for 'some/reviews' \(ConnectionError: no route to host\); give data"
    with pytest.raises(DataError, match=message):
        HuggingFaceSource(name="some/reviews", revision="abc").load()
    assert asked == [{"name": "some/reviews", "revision": "abc", "timeout": 10.0}]


def test_a_data_set_that_the_hub_does_not_give_is_told_from_an_unreachable_hub(monkeypatch):
    response: Any = SimpleNamespace(headers={}, request=None)
    answer_with(RepositoryNotFoundError("404", response=response), monkeypatch)
    with pytest.raises(DataError, match=r"the hub does not give 'some/reviews' \(RepositoryNotFoundError\); check"):
        HuggingFaceSource(name="some/reviews").load()


def test_nothing_is_asked_offline_and_a_data_set_outside_the_cache_is_refused(monkeypatch):
    asked = answer_with(ConnectionError(), monkeypatch)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    with pytest.raises(DataError, match="data: some/reviews cannot be read"):
        HuggingFaceSource(name="some/reviews").load()
    assert asked == []


def test_progress_bars_and_log_levels_are_given_back(local):
    datasets.logging.set_verbosity_info()
    datasets.enable_progress_bars()
    HuggingFaceSource(name=local).load()
    assert datasets.logging.get_verbosity() == datasets.logging.INFO
    assert not datasets.are_progress_bars_disabled()
    datasets.logging.set_verbosity_warning()
