"""Files of every kind give the same columns; broken ones say what is broken and where."""

import bz2
import gzip
import json
import lzma
import re
import zipfile

import pandas as pd
import pytest

from trainables.data.sources.reading import find_file, read_columns
from trainables.errors import DataError

CSV = 'text,label\n"good, really ""good""\nplot",pos\nNA,neg\n'
TEXTS = ['good, really "good"\nplot', "NA"]


def written(tmp_path, name: str, content: str | bytes):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def zipped(content: bytes, tmp_path) -> bytes:
    with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
        archive.writestr("inner.csv", content)
        archive.writestr("__MACOSX/inner.csv", b"noise")
    return (tmp_path / "made.zip").read_bytes()


JSONL = "\n".join(
    json.dumps({"text": text, "label": label}) for text, label in zip(TEXTS, ["pos", "neg"], strict=True)
)
TSV = 'text\tlabel\n"good, really ""good""\nplot"\tpos\nNA\tneg\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV),
        ("A.CSV", CSV),
        ("bom.csv", "\ufeff" + CSV),
        ("crlf.csv", CSV.replace("\n", "\r\n").replace('"\r\nplot', '"\nplot')),
        ("blank_line.csv", CSV + "\n"),
        ("a.tsv", TSV),
        ("a.jsonl", JSONL),
        ("a.ndjson", JSONL + "\n\n"),
        ("a.json", f"[{','.join(JSONL.splitlines())}]"),
        ("a.csv.gz", gzip.compress(CSV.encode(), mtime=0)),
        ("a.csv.bz2", bz2.compress(CSV.encode())),
        ("a.jsonl.xz", lzma.compress(JSONL.encode())),
    ],
)
def test_texts_are_read_as_they_are_written(tmp_path, name, content):
    columns = read_columns(written(tmp_path, name, content))
    assert list(columns.names) == ["text", "label"]
    assert columns.get("text") == TEXTS
    assert columns.get("label") == ["pos", "neg"]


def test_a_zip_archive_of_one_file_is_read_by_that_file_s_ending(tmp_path):
    assert read_columns(written(tmp_path, "a.zip", zipped(CSV.encode(), tmp_path))).get("text") == TEXTS


def test_parquet_keeps_its_types(tmp_path):
    folder = tmp_path / "fold=1"
    folder.mkdir()
    pd.DataFrame({"text": ["a", None], "label": [0, 1]}).to_parquet(folder / "a.parquet")
    columns = read_columns(folder / "a.parquet")
    assert columns.names == ["text", "label"]
    assert (columns.get("text"), columns.get("label")) == (["a", None], [0, 1])


def test_json_rows_may_lack_a_key(tmp_path):
    columns = read_columns(written(tmp_path, "a.jsonl", '{"text": "a"}\n{"text": "b", "label": 1}'))
    assert columns.get("label") == [None, 1]


def test_a_separator_and_plain_quotation_marks_can_be_set(tmp_path):
    path = written(tmp_path, "a.csv", 'text;label\n"half a quote;pos\nother;neg\n')
    assert read_columns(path, separator=";", quoted=False).get("text") == ['"half a quote', "other"]


def test_a_field_may_be_longer_than_the_csv_module_s_own_limit(tmp_path):
    path = written(tmp_path, "a.csv", f"text,label\n{'long ' * 40_000},pos\n")
    assert len(read_columns(path).get("text")[0]) == 200_000


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "a.csv is empty; give a file with a header and a row for each text"),
        ("a.csv", "\n", "a.csv is empty"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "a.csv.gz is empty"),
        (
            "a.csv",
            "text,label\na,b,c\n",
            'a.csv: row 1 has 3 fields where the header has 2; put texts that contain ","',
        ),
        ("a.csv", 'text,label\n"a,b\n', "a.csv, line 2: unexpected end of data; if quotation marks are ordinary"),
        (
            "a.csv",
            'text;label\n"a, b";c\n',
            'a.csv: the first line has no "," but ";", which seems to part the columns',
        ),
        ("a.csv", '"text"|"label"\n"a"|"c"\n', 'the columns; set data.separator: "|"'),
        ("a.csv", "text\tlabel\na, b\tc\n", 'the columns; set data.separator: "\\t"'),
        ("a.tsv", "text,label\na,b\n", 'a.tsv: the first line has no "\\t" but ",", which seems to part'),
        ("a.csv", "text,text\na,b\n", "a.csv: two columns are called 'text'; rename one"),
        (
            "a.csv",
            "text,label\ncaf\u00e9,b\n".encode("latin1"),
            "a.csv, line 2, is not UTF-8: invalid continuation byte (byte 0xe9)",
        ),
        (
            "a.csv",
            "text,label\na,b\n".encode("utf-16"),
            "a.csv is not UTF-8: it is UTF-16; save it as UTF-8, for example with: iconv -f utf-16 -t utf-8 a.csv",
        ),
        ("a.jsonl", '{"text": "caf\u00e9"}'.encode("latin1"), "iconv -f latin1 -t utf-8 a.jsonl > utf8_a.jsonl"),
        ("a.jsonl", '{"text": "a"}\n{"text": \n', "a.jsonl, line 2: not JSON (Expecting value)"),
        ("a.json", '[{"text": "a"},\n 1]', "a.json: row 2 is 1; each row must be an object of column and value"),
        ("a.json", '[{"text": "a"},\n', "a.json, line 2: not JSON"),
        ("a.csv.gz", b"no gzip at all", "a.csv.gz cannot be read: Not a gzipped file"),
        (
            "a.csv.gz",
            gzip.compress(CSV.encode() * 99, mtime=0)[:60],
            "a.csv.gz cannot be read: Compressed file ended",
        ),
        ("a.zip", b"no zip at all", "a.zip cannot be read: File is not a zip file"),
        ("a.parquet", b"no parquet at all", "a.parquet is not a sound parquet file"),
        ("a.xlsx", "a", "a.xlsx: the ending says no known format; known are .csv, .tsv, .tab, .jsonl"),
    ],
)
def test_a_broken_file_is_refused_with_what_is_broken_and_where(tmp_path, name, content, message):
    path = written(tmp_path, name, content)
    with pytest.raises(DataError, match=re.escape(message)):
        read_columns(path).get("text")


def test_an_archive_of_several_files_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", CSV)
        archive.writestr("b.csv", CSV)
    with pytest.raises(DataError, match="holds 2 files; unpack it and name the file that is meant"):
        read_columns(tmp_path / "a.zip")


def test_a_missing_file_is_named_with_a_near_miss(tmp_path):
    written(tmp_path, "train.csv", CSV)
    with pytest.raises(
        DataError, match=r"there is no file .*/trian.csv \(did you mean 'train.csv'\?\); relative paths"
    ):
        find_file(tmp_path / "trian.csv")
    with pytest.raises(
        DataError, match=r"and no folder .*/nowhere; relative paths are seen from the working directory"
    ):
        find_file(tmp_path / "nowhere" / "train.csv")
    with pytest.raises(DataError, match="is a folder; give the path of a file in it"):
        find_file(tmp_path)


def test_a_relative_path_is_seen_from_the_working_directory(tmp_path, monkeypatch):
    written(tmp_path, "train.csv", CSV)
    monkeypatch.chdir(tmp_path)
    assert find_file("train.csv") == tmp_path / "train.csv"
