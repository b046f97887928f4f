"""What every data source promises. A member of `AnySource` without an example below fails the suite."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError

from trainables.data.sources import AnySource, Source

ROWS = {"text": ["bad", "good", "poor", "fine"], "label": [0, 1, 0, 1], "movie": ["a", "a", "b", "c"]}


def parquet_halves(folder: Path) -> dict[str, Any]:
    pd.DataFrame(ROWS).to_parquet(folder / "train.parquet")
    pd.DataFrame(ROWS).map(lambda value: value + " too" if isinstance(value, str) else value).to_parquet(
        folder / "test.parquet"
    )
    return {}


def one_csv(folder: Path) -> dict[str, Any]:
    pd.DataFrame(ROWS).to_csv(folder / "reviews.csv", index=False)
    return {"path": str(folder / "reviews.csv"), "group_column": "movie"}


EXAMPLES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "imdb": lambda folder: {**parquet_halves(folder), "path": str(folder)},
    "huggingface": lambda folder: {**parquet_halves(folder), "name": str(folder)},
    "files": one_csv,
    "synthetic": lambda folder: {"train_rows": 20, "test_rows": 10, "median_words": 20},
}
SOURCES = {source.model_fields["source"].default: source for source in get_args(get_args(AnySource)[0])}
ADAPTER: TypeAdapter[Source] = TypeAdapter(AnySource)


@pytest.fixture(params=sorted(SOURCES))
def source(request, tmp_path) -> Source:
    assert request.param in EXAMPLES, f"write an example for the source {request.param!r}"
    return ADAPTER.validate_python({"source": request.param, **EXAMPLES[request.param](tmp_path)})


def test_the_suite_sees_every_source():
    assert set(SOURCES) == set(EXAMPLES)


def test_its_key_chooses_it(source):
    assert type(source) is SOURCES[source.source]


def test_it_loads_texts_with_labels_of_two_classes_or_more(source):
    corpus = source.load()
    assert len(corpus.class_names) >= 2
    assert all(isinstance(name, str) for name in corpus.class_names)
    assert corpus.splits
    for rows in corpus.splits.values():
        assert len(rows) == len(rows.labels) > 0
        assert all(isinstance(text, str) and text.strip() for text in rows.texts)
        assert rows.labels.dtype == np.int64
        assert 0 <= rows.labels.min() <= rows.labels.max() < len(corpus.class_names)
        assert rows.groups is None or len(rows.groups) == len(rows)


def test_it_loads_the_same_data_each_time(source):
    assert source.load().fingerprint == source.load().fingerprint


def test_it_prints_nothing(source, capfd):
    source.load()
    assert capfd.readouterr() == ("", "")


def test_equal_settings_are_equal_and_hash_alike(source):
    again = ADAPTER.validate_python(source.model_dump())
    assert again == source
    assert hash(again) == hash(source)


def test_its_settings_survive_json(source):
    assert ADAPTER.validate_json(source.model_dump_json()) == source


def test_it_refuses_an_unknown_setting(source):
    with pytest.raises(ValidationError, match="Extra inputs"):
        ADAPTER.validate_python({**source.model_dump(), "sorce": 1})


def test_every_setting_explains_itself(source):
    unexplained = [name for name, field in type(source).model_fields.items() if not field.description]
    assert unexplained in ([], ["source"], ["source", "text_column", "label_column"])


def test_a_bare_name_is_short_for_the_source_with_its_defaults():
    assert ADAPTER.validate_python("imdb") == SOURCES["imdb"]()


def test_an_unknown_source_is_refused_with_those_there_are():
    with pytest.raises(ValidationError, match="'imdb', 'huggingface', 'files', 'synthetic'"):
        ADAPTER.validate_python("imbd")
