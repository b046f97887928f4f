"""YAML to values, with the line of each.

The values are those of YAML 1.2's core schema: `1e-3` is a number, `yes`, `on` and dates are text, and a key that
is given twice is an error, as are tags and merge keys. Knows nothing of sweeps.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from search_spaces.faults import Path, dotted
from trainables.errors import SettingsError


@dataclass(frozen=True)
class Document:
    """What a YAML text says."""

    value: Any
    """Nested dicts, lists, text, numbers, true or false, None."""
    lines: Mapping[Path, int]
    """The line of each key and each list item, counted from 1."""


class _CoreSchema(yaml.SafeLoader):
    """Composes nodes, its plain scalars tagged as YAML 1.2 has them (PyYAML is at 1.1)."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9][0-9_]*|0x[0-9a-fA-F]+|0o[0-7]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
):
    _CoreSchema.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first)


def read_yaml(text: str, where: str) -> Document:
    """The document of a text; `where` begins each message, and the line follows it.

    Raises `SettingsError` where the text is not YAML, or a key is given twice.
    """
    try:
        root = yaml.compose(text, Loader=_CoreSchema)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        said = ", ".join(part for part in (error.context, error.problem) if part)
        remedy = "; indent with spaces, not with tabs" if r"'\t'" in said else ""
        raise SettingsError(f"{where}{line}: this is not YAML: {said}{remedy}") from error
    except yaml.reader.ReaderError as error:
        line = f":{text.count(chr(10), 0, error.position) + 1}"
        raise SettingsError(f"{where}{line}: a character cannot stand in YAML: {error.reason}") from error
    except RecursionError as error:
        raise SettingsError(f"{where}: this is not YAML: too many brackets within brackets") from error
    lines: dict[Path, int] = {}
    value = None if root is None else _value(root, (), lines, where, ())
    return Document(value, lines)


def _value(node: yaml.Node, path: Path, lines: dict[Path, int], where: str, above: tuple[yaml.Node, ...]) -> Any:
    line = node.start_mark.line + 1
    if any(node is outer for outer in above):
        raise SettingsError(f"{where}:{line}: {dotted(path)} contains itself; write its values out")
    match node:
        case yaml.MappingNode(tag="tag:yaml.org,2002:map"):
            return _mapping(node, path, lines, where, above)
        case yaml.SequenceNode(tag="tag:yaml.org,2002:seq"):
            values = []
            for number, item in enumerate(node.value):
                lines[(*path, number)] = item.start_mark.line + 1
                values.append(_value(item, (*path, number), lines, where, (*above, node)))
            return values
        case yaml.ScalarNode():
            return _scalar(node, where, line)
        case _:
            raise SettingsError(f"{where}:{line}: {dotted(path)} has the tag {node.tag}; leave it out")


def _mapping(
    node: yaml.MappingNode, path: Path, lines: dict[Path, int], where: str, above: tuple[yaml.Node, ...]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise SettingsError(f"{where}:{line}: a key must be a word, not a list or a mapping")
        key = key_node.value
        inner = (*path, key)
        if key in values:
            raise SettingsError(f"{where}:{line}: {dotted(inner)} is given twice, first in line {lines[inner]}")
        lines[inner] = line
        values[key] = _value(value_node, inner, lines, where, (*above, node))
    return values


def _scalar(node: yaml.ScalarNode, where: str, line: int) -> Any:
    text = node.value
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    try:
        match kind:
            case "str":
                text.encode()  # half a surrogate pair, written as an escape, cannot be stored
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                digits = text.replace("_", "")
                return int(digits, 0) if digits[:2] in ("0x", "0o") else int(digits)
            case "float":
                return float(re.sub(r"\.(?=inf|nan)", "", text.lower().replace("_", "")))
    except ValueError as error:
        raise SettingsError(f"{where}:{line}: {text[:40]!r} cannot be read: {error}") from error
    raise SettingsError(f"{where}:{line}: the tag {kind} is not allowed; leave it out")
