"""Every number of the report as data: nested, for a program, and one a line, for a spreadsheet."""

import csv
import dataclasses
import io
import math
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.report.composition import Report


def as_data(report: Report) -> dict[str, Any]:
    """By section; an infinite bound is null."""
    plain: dict[str, Any] = _plain({"sweep": report.title, **report.numbers()})
    return plain


def as_lines(data: Mapping[str, Any]) -> str:
    """CSV: `number,value`, where `verdicts.pairs.0.difference` says where the number stands in the JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["number", "value"])
    writer.writerows((path, repr(value)) for path, value in _numbers("", data))
    return text.getvalue()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def _numbers(path: str, value: Any) -> Iterator[tuple[str, float]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _numbers(f"{path}.{key}" if path else key, inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _numbers(f"{path}.{place}", inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value
