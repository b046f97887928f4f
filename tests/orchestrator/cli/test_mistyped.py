"""A flag that there is not, but that a setting is called like."""

import pytest
from said import Call

from orchestrator.cli.mistyped import settings_meant


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        ("--epochs 3", "--set training.epochs=3"),
        ("--epochs=3", "--set training.epochs=3"),
        ("--learning-rate 0.1 --seeds 2", "--set training.learning_rate=0.1"),
        ("--training.epochs 3", "--set training.epochs=3"),
        ("--margin", "--set decide.margin=…"),
        ("--margin --smoke", "--set decide.margin=…"),
        ("--widht 3", ""),
        ("--poch 3", ""),
    ],
)
def test_the_setting_is_said_with_the_value_that_was_given(arguments: str, meant: str) -> None:
    given = ["quickstart", *arguments.split()]
    assert settings_meant(given[1].partition("=")[0], given) == meant


def test_of_several_settings_of_that_name_the_nearest_to_the_top_are_said() -> None:
    said = settings_meant("--name", ["--name", "x"]).split(" or ")
    assert said[0] == "--set name=x"
    assert len(said) == 3


def test_the_command_line_says_it_where_there_is_a_set_option(call: Call) -> None:
    said = call("plan", "quickstart", "--epochs", "3")
    assert said.code == 2
    assert "--set training.epochs=3" in " ".join(said.err.split())
    assert "--set" not in call("compare", "quickstart", "--epochs", "3").err


def test_an_option_of_nearly_that_name_is_meant_rather_than_a_setting(call: Call) -> None:
    said = " ".join(call("plan", "quickstart", "--seed", "3").err.split())
    assert "did you mean --seeds?" in said
    assert "split.seed" not in said
