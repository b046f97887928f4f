"""YAML is read as YAML 1.2 has it, with the line of every value."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.sweep_yaml import Document, read_yaml
from trainables.errors import SettingsError


def error_of(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read_yaml(text, "x.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("5E-4", 5e-4),
        ("1.", 1.0),
        (".5", 0.5),
        ("-2.5e+3", -2500.0),
        ("1_000", 1000),
        ("25_000.5", 25000.5),
        ("010", 10),
        ("0x10", 16),
        ("-3", -3),
        (".inf", float("inf")),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("yes", "yes"),
        ("off", "off"),
        ("n", "n"),
        ("2024-01-31", "2024-01-31"),
        ("1:30", "1:30"),
        ("e3", "e3"),
        ("'1e-3'", "1e-3"),
        ('"true"', "true"),
        ("é", "é"),
        ("[1, [a]]", [1, ["a"]]),
        ("{a: {b: 1}, on: 2}", {"a": {"b": 1}, "on": 2}),
        ("{1: a}", {"1": "a"}),
        ("", None),
        ("# nothing", None),
    ],
)
def test_a_value_is_what_it_looks_like(text: str, value: Any) -> None:
    read = read_yaml(text, "x.yaml").value
    assert read == value
    assert type(read) is type(value)


def test_every_key_and_item_has_its_line() -> None:
    text = "a: 1\n\n# c\nb:\n  c: x\n  d:\n    - 1\n    - {e: 2}\n"
    assert read_yaml(text, "x.yaml") == Document(
        {"a": 1, "b": {"c": "x", "d": [1, {"e": 2}]}},
        {
            ("a",): 1,
            ("b",): 4,
            ("b", "c"): 5,
            ("b", "d"): 6,
            ("b", "d", 0): 7,
            ("b", "d", 1): 8,
            ("b", "d", 1, "e"): 8,
        },
    )


def test_an_anchor_stands_for_its_value() -> None:
    assert read_yaml("a: &x {b: 1}\nc: *x", "x.yaml").value == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "x.yaml:3: a is given twice, first in line 1"),
        ("a:\n  b: 1\n  b: 2", "x.yaml:3: a.b is given twice, first in line 2"),
        ("a: b: c", "x.yaml:1: this is not YAML: mapping values are not allowed here"),
        (
            "a:\n\t- b",
            r"x.yaml:2: this is not YAML: while scanning for the next token, found character '\t' that cannot "
            "start any token; indent with spaces, not with tabs",
        ),
        (
            "a: [1, 2\nb: 3",
            "x.yaml:2: this is not YAML: while parsing a flow sequence, expected ',' or ']', but got ':'",
        ),
        (
            "a: 1\n---\nb: 2",
            "x.yaml:2: this is not YAML: expected a single document in the stream, but found another document",
        ),
        ("a: 1\nb: \x07", "x.yaml:2: a character cannot stand in YAML: special characters are not allowed"),
        ("a: &x [*x]", "x.yaml:1: a[0] contains itself; write its values out"),
        ("a: !!python/name:os.system x", "x.yaml:1: the tag python/name:os.system is not allowed; leave it out"),
        ("a: !mine [1]", "x.yaml:1: a has the tag !mine; leave it out"),
        ("? [a]\n: b", "x.yaml:1: a key must be a word, not a list or a mapping"),
        ("[" * 5000, "x.yaml: this is not YAML: too many brackets within brackets"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(text: str, message: str) -> None:
    assert error_of(text) == message


@pytest.mark.parametrize("text", ["a: !!int abc", "a: !!float x", r'a: "\ud800"'])
def test_a_value_that_does_not_fit_its_tag_is_refused(text: str) -> None:
    assert error_of(text).startswith("x.yaml:1: ")


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="ab:-[]{}#&*!?|>'\"%@,~ \n\t0.1e_\x00\\u", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(SettingsError):
        read_yaml(text, "x.yaml")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_read_as_python_writes_it(number: float) -> None:
    assert read_yaml(f"a: {number!r}", "x.yaml").value == {"a": number}
