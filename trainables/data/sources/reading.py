"""Local files to columns: CSV, TSV, JSONL, JSON and parquet, plain or compressed.

In: a path. Out: named columns of Python values, exactly as written: in CSV and TSV everything is text. Knows
nothing of texts, labels or splits. Read with `csv`, `json` and pyarrow rather than through Hugging Face
`datasets`, which guesses types (a review "NA" becomes a gap, a label "1.0" a number), writes a copy of the data
below the home folder, and does not say in which line a file is broken.
"""

import bz2
import codecs
import csv
import gzip
import io
import itertools
import json
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from trainables.errors import DataError


def _only_member(archive: zipfile.ZipFile) -> str:
    names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
    if len(names) != 1:
        raise DataError(f"{archive.filename} holds {len(names)} files; unpack it and name the file that is meant")
    return names[0]


def _unzip(path: Path) -> IO[bytes]:
    with zipfile.ZipFile(path) as archive:
        return archive.open(_only_member(archive))


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


OPENERS: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zip": _unzip,
}
SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
FORMATS = (*SEPARATORS, *JSON_SUFFIXES, ".parquet")

OTHER_SEPARATORS = (";", "\t", "|", ",")
"""What else people part fields with, most usual first."""


@dataclass(frozen=True)
class Remedies:
    """What a user writes to have a CSV or TSV file read in another way."""

    separator: str = "data.separator:"
    """The separator itself follows, in quotation marks."""
    unquoted: str = "data.quoted: false"


@dataclass(frozen=True)
class Columns:
    """The columns of a file: their names, and a way to get one's values."""

    names: Sequence[str]
    get: Callable[[str], Sequence[Any]]
    separator: str = ","
    """What parted them in the file; a comma where nothing did."""


def find_file(path: str | Path) -> Path:
    """The file at that path; `~` is the home folder, a relative path is seen from the working directory.

    Raises `DataError` with near misses in the same folder if there is none.
    """
    full = Path(path).expanduser().absolute()
    if full.is_file():
        return full
    if full.is_dir():
        raise DataError(f"{full} is a folder; give the path of a file in it")
    there = [name.name for name in full.parent.iterdir()] if full.parent.is_dir() else []
    near = get_close_matches(full.name, there, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    folder = "" if full.parent.is_dir() else f", and no folder {full.parent}"
    raise DataError(f"there is no file {full}{folder}{hint}; relative paths are seen from the working directory")


def read_columns(
    path: Path, *, separator: str | None = None, quoted: bool = True, remedies: Remedies = Remedies()
) -> Columns:
    """The columns of a file, by its ending.

    `separator` parts the fields of a CSV or TSV file (None: by the ending); unless `quoted`, quotation marks are
    ordinary characters there. Raises `DataError` for an unknown ending, a file that is empty, broken (with the
    line), not UTF-8, parted by another character, or cannot be unpacked.
    """
    with _readable(path):
        if path.stat().st_size == 0:
            raise _empty(path)
        packing = path.suffix.lower()
        suffix = Path(_name_inside(path)).suffix.lower()
        if suffix == ".parquet" and packing == suffix:
            # Not read_table: it takes `label=1` in the path for a column.
            table = pq.ParquetFile(path).read()
            return Columns(table.column_names, lambda name: _decoded(path, table.column(name)))
        if suffix not in FORMATS or suffix == ".parquet":
            raise DataError(
                f"{path}: the ending says no known format; known are {', '.join(FORMATS)}, "
                f"all but the last also with {', '.join(OPENERS)}"
            )
        with OPENERS.get(packing, _open)(path) as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as lines:
            if suffix in SEPARATORS:
                return _read_separated(path, lines, separator or SEPARATORS[suffix], quoted, remedies)
            return _read_json(path, lines)


def read_text(path: Path) -> str:
    """All of a text file, line ends as they are. Raises `DataError` if it is not UTF-8 or cannot be read."""
    with _readable(path), path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _name_inside(path: Path) -> str:
    """The name without its compression: a zip archive keeps it inside."""
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            return _only_member(archive)
    return path.stem if path.suffix.lower() in OPENERS else path.name


def _read_separated(path: Path, lines: Iterator[str], separator: str, quoted: bool, remedies: Remedies) -> Columns:
    first_line = next(lines, "")
    other = next((mark for mark in OTHER_SEPARATORS if mark in first_line), None)
    if separator not in first_line and other is not None:
        # Before anything else is found wrong, which would only follow from this.
        raise DataError(
            f"{path}: the first line has no {_shown(separator)} but {_shown(other)}, which seems to part the "
            f"columns; set {remedies.separator} {_shown(other)}"
        )
    # The default limit of 131,072 characters a field is below the longest documents people classify.
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(
        itertools.chain([first_line], lines),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=quoted,
    )
    try:
        rows = [row for row in reader if row]
    except csv.Error as error:
        remedy = f"; if quotation marks are ordinary characters here, set {remedies.unquoted}" if quoted else ""
        raise DataError(f"{path}, line {reader.line_num:,}: {error}{remedy}") from error
    if not rows:
        raise _empty(path)
    header, body = rows[0], rows[1:]
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise DataError(f"{path}: two columns are called {twice[0]!r}; rename one")
    for number, row in enumerate(body, start=1):
        if len(row) != len(header):
            raise DataError(
                f"{path}: row {number:,} has {len(row)} fields where the header has {len(header)}; put texts that "
                f"contain {_shown(separator)} in quotation marks, or, if another character parts the fields, set "
                f'{remedies.separator} "…"'
            )
    place = {name: index for index, name in enumerate(header)}
    return Columns(header, lambda name: [row[place[name]] for row in body], separator)


def _shown(separator: str) -> str:
    """In quotation marks, as YAML and JSON have it: a tab is "\\t"."""
    return json.dumps(separator, ensure_ascii=False)


def _read_json(path: Path, lines: IO[str]) -> Columns:
    """A list of objects, or an object a line."""
    content = lines.read()
    if content.lstrip().startswith("["):
        rows = _parse_json(path, 1, content)
    else:
        numbered = enumerate(content.split("\n"), start=1)
        rows = [_parse_json(path, number, line) for number, line in numbered if line.strip()]
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise DataError(
                f"{path}: row {number:,} is {row!r:.40}; each row must be an object of column and value"
            )
    names = list(dict.fromkeys(name for row in rows for name in row))
    return Columns(names, lambda name: [row.get(name) for row in rows])


def _parse_json(path: Path, first_line: int, content: str) -> Any:
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        raise DataError(f"{path}, line {line:,}: not JSON ({error.msg}); give an object on each line") from error


def _decoded(path: Path, column: Any) -> list[Any]:
    with _readable(path):
        values: list[Any] = column.to_pylist()
        return values


def _empty(path: Path) -> DataError:
    return DataError(f"{path} is empty; give a file with a header and a row for each text")


def _not_utf8(path: Path, error: UnicodeDecodeError) -> str:
    """UTF-16, which spreadsheets write, begins with a mark; any other is taken for Latin-1, the most usual."""
    is_utf16 = error.start == 0 and error.object[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    encoding = "utf-16" if is_utf16 else "latin1"
    where = "" if is_utf16 else _line_at_fault(path)
    what = "it is UTF-16" if is_utf16 else f"{error.reason} (byte {error.object[error.start]:#04x})"
    return (
        f"{path}{where} is not UTF-8: {what}; save it as UTF-8, for example with: "
        f"iconv -f {encoding} -t utf-8 {path.name} > utf8_{path.name}"
    )


def _line_at_fault(path: Path) -> str:
    """`, line 7`: the first that is not UTF-8. Read again, for the error counts bytes of a piece of the file."""
    with OPENERS.get(path.suffix.lower(), _open)(path) as raw:
        for number, line in enumerate(raw, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return f", line {number:,},"
    return ""


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turns what libraries raise over a broken file into a `DataError`."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise DataError(_not_utf8(path, error)) from error
    except pa.ArrowInvalid as error:
        raise DataError(f"{path} is not a sound parquet file: {error}".splitlines()[0]) from error
    except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
