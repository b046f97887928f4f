"""From values as they were written to settings: strict about numbers, and all faults at once."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from search_spaces.explain import faults_of
from search_spaces.faults import FaultyError

Schema = TypeVar("Schema", bound=BaseModel)

_STRICT_ONLY = ("int_type", "float_type", "bool_type")


def validate(schema: type[Schema], values: Mapping[str, Any], root: str) -> Schema:
    """The settings, or `FaultyError` with all that is wrong. `root` is what messages call the outermost group.

    `"5"`, `3.0` and `true` are no whole numbers, and `"yes"` is neither true nor false. pydantic's strict mode says
    so, but behind a validator of ours it also refuses a list for a tuple; so what counts is its lax mode, and of
    the strict one only what it says of numbers and of true and false.
    """
    written = json.dumps(values)
    try:
        return schema.model_validate_json(written, strict=True)
    except ValidationError as error:
        strict = error.errors(include_url=False)
    settings, lax = None, []
    try:
        settings = schema.model_validate_json(written)
    except ValidationError as error:
        lax = error.errors(include_url=False)
    known = [item["loc"] for item in lax]
    errors = lax + [item for item in strict if item["type"] in _STRICT_ONLY and item["loc"] not in known]
    if settings is None or errors:
        raise FaultyError(faults_of(errors, schema, values, root))
    return settings
