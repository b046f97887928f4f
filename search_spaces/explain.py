"""From pydantic's errors to sentences that a user can act on.

In: the errors of a `ValidationError`, the schema they come from, the values as written. Out: a `Fault` for each
setting at fault. pydantic reports each branch of a union by itself, and puts the branch into the location
(`model.transformer_encoder.width`, `split.train.size.literal['rest']`); here one written value gets one sentence.
"""

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from search_spaces.faults import Fault, Path, did_you_mean, dotted, nearest, shown, unknown

FAULTS = "faults"
"""Type of a pydantic error whose context already holds faults, under the same name."""

_LIMITS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("above", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("below", "lt"),
}
_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of settings",
    "model_type": "a mapping of settings",
    "model_attributes_type": "a mapping of settings",
}


def faults_of(
    errors: Sequence[ErrorDetails], schema: type[BaseModel], values: Mapping[str, Any], root: str
) -> tuple[Fault, ...]:
    """One fault for each written value that is wrong. `root` is what to call the outermost group: `a sweep`."""
    asked: dict[Path, list[str]] = {}
    faults: list[Fault] = []
    misspelt = [_meant(item, schema, root) for item in errors if item["type"] == "extra_forbidden"]
    for item in errors:
        if item["type"] == FAULTS:
            faults += item["ctx"][FAULTS]
            continue
        if item["type"] == "missing" and item["loc"] in misspelt:
            continue  # it is there, under the name that is told as misspelt
        path = written_path(item, values)
        requirement = _requirement(item)
        if requirement is None:
            faults.append(_sentence(item, path, schema, values, root))
        elif path in asked:
            asked[path] += [requirement] if requirement not in asked[path] else []
        else:
            asked[path] = [requirement]
    for path, requirements in asked.items():
        value = _value_at(path, values)
        text = f"{dotted(path)} is {shown(value)}; it must be {' or '.join(requirements)}"
        faults.append(Fault(path, text + _hint(path, value, requirements)))
    return tuple(faults)


def written_path(item: ErrorDetails, values: Mapping[str, Any]) -> Path:
    """Where the value was written: pydantic's location without the branches of unions and inside of short forms."""
    path: list[str | int] = []
    node: Any = values
    last = len(item["loc"]) - 1
    for place, part in enumerate(item["loc"]):
        in_mapping = isinstance(node, dict) and part in node
        in_list = isinstance(node, list) and isinstance(part, int) and part < len(node)
        if in_mapping or in_list:
            path.append(part)
            node = node[part]
        elif place == last and item["type"] == "missing":
            path.append(part)
    return tuple(path)


def _requirement(item: ErrorDetails) -> str | None:
    """What the value must be, if the error is of that kind; None if it needs a sentence of its own."""
    kind = item["type"]
    if kind in _LIMITS:
        words, key = _LIMITS[kind]
        limit = item["ctx"][key]
        return f"{words} {limit:g}" if isinstance(limit, float) else f"{words} {limit:,}"
    if kind == "too_short":
        return f"a list of at least {item['ctx']['min_length']}"
    if kind == "literal_error":
        *others, last = _quoted(item["ctx"]["expected"])
        return f"{', '.join(others)} or {last}" if others else last
    return _KINDS.get(kind)


def _hint(path: Path, value: Any, requirements: Sequence[str]) -> str:
    if isinstance(value, str):
        choices = re.split(r", | or ", " or ".join(requirements))
        return did_you_mean(value, choices)
    if requirements == ["text"] and value is not None:
        return "; write it in quotes"
    if value is None and requirements == ["a mapping of settings"]:
        return "; leave it out for its defaults"
    if path[:1] == ("vary",) and isinstance(value, dict):
        inner = next(iter(value), "…")
        return f"; write the whole dotted key: {path[-1]}.{inner}: [ … ]"
    return ""


def _sentence(
    item: ErrorDetails, path: Path, schema: type[BaseModel], values: Mapping[str, Any], root: str
) -> Fault:
    said = dotted(path)
    match item["type"]:
        case "extra_forbidden":
            owner, known = _owner(schema, item["loc"][:-1], root)
            inner = _groups_with(str(path[-1]), schema) if len(path) == 1 else []
            hint = f"; did you mean {' or '.join(inner)}?" if inner else unknown(str(path[-1]), known)
            return Fault(path, f"{said} is not a setting of {owner}{hint}")
        case "missing":
            known = _choices(schema, item["loc"])
            return Fault(path, f"{said} is missing" + (f"; it must be one of {', '.join(known)}" if known else ""))
        case "union_tag_not_found":
            (key,) = _quoted(item["ctx"]["discriminator"])
            members = ", ".join(_choices(schema, item["loc"]))
            fields = {name for model in _models_at(schema, item["loc"]) for name in model.model_fields}
            for written in _value_at(path, values):
                if written not in fields and nearest(written, [key]):
                    text = f"{said}.{written} is not a setting of {said}; did you mean {key}? (one of {members})"
                    return Fault((*path, written), text)
            return Fault((*path, key), f"{said}.{key} is missing; it must be one of {members}")
        case "union_tag_invalid":
            if isinstance(_value_at(path, values), dict):
                path = (*path, *_quoted(item["ctx"]["discriminator"]))
            tag = item["ctx"]["tag"]
            known = _quoted(item["ctx"]["expected_tags"])
            return Fault(path, f"{dotted(path)} is {tag!r}, which is unknown{unknown(tag, known)}")
        case "value_error":
            return Fault(path, f"{said}: {item['ctx']['error']}".removeprefix(": "))
        case _:
            return Fault(path, f"{said} is {shown(_value_at(path, values))}: {item['msg']}")


def _meant(item: ErrorDetails, schema: type[BaseModel], root: str) -> tuple[str | int | None, ...]:
    """Where the setting is that an unknown one was probably meant to be."""
    *group, written = item["loc"]
    _, known = _owner(schema, group, root)
    return (*group, nearest(str(written), known))


def _value_at(path: Path, values: Mapping[str, Any]) -> Any:
    node: Any = values
    for part in path:
        node = node[part]
    return node


def _quoted(text: str) -> list[str]:
    return re.findall(r"'([^']*)'", text)


def _owner(schema: type[BaseModel], loc: Sequence[str | int], root: str) -> tuple[str, list[str]]:
    """How to call the group of settings at that location of the schema, and what it knows."""
    models = _models_at(schema, loc)
    tag = _tag(models[0])
    fields = models[0].model_fields
    return tag or dotted(loc) or root, [
        name for name in fields if not tag or _literal(fields[name].annotation) != tag
    ]


def _groups_with(setting: str, schema: type[BaseModel]) -> list[str]:
    """`training.epochs` for `epochs`: the dotted keys of the schema's groups that know a setting of that name."""
    return [
        f"{group}.{setting}"
        for group, field in schema.model_fields.items()
        if any(setting in model.model_fields for model in _models_in(field.annotation))
    ]


def _choices(schema: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The names that select a member of the union at that location; none where there is no union."""
    return [tag for model in _models_at(schema, loc) if (tag := _tag(model))]


def _models_at(schema: type[BaseModel], loc: Sequence[str | int]) -> list[type[BaseModel]]:
    models: list[type[BaseModel]] = [schema]
    for part in loc:
        tagged = [model for model in models if _tag(model) == part]
        holder = next((model for model in models if part in model.model_fields), None)
        if tagged:
            models = tagged
        elif holder is not None:
            models = list(_models_in(holder.model_fields[str(part)].annotation))
    return models


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if get_origin(annotation) is Annotated:
        yield from _models_in(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _models_in(member)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation


def _tag(model: type[BaseModel]) -> str:
    """The name by which a union knows the model; empty where it has none."""
    keys = [key for key in ("source", "name") if key in model.model_fields]
    return next((tag for key in keys if (tag := _literal(model.model_fields[key].annotation))), "")


def _literal(annotation: Any) -> str:
    """The one word that the annotation allows; empty where it allows another number of them."""
    return (
        str(get_args(annotation)[0]) if get_origin(annotation) is Literal and len(get_args(annotation)) == 1 else ""
    )
