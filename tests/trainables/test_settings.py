"""Settings that were added after cells had been stored without them."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from pydantic import BeforeValidator, Field, TypeAdapter, create_model

import trainables.config  # noqa: F401  (so that every group of settings there is has been defined)
from trainables.settings import STORED, AddedLater, Settings, declared, named, neutral_values


class Sgd(Settings):
    name: Literal["sgd"] = "sgd"
    momentum: Annotated[float, AddedLater(neutral=0.0)] = 0.9


class Adam(Settings):
    name: Literal["adam"] = "adam"
    beta: float = 0.9


AnyOptimizer = Annotated[Sgd | Adam, Field(discriminator="name"), BeforeValidator(named)]


class Head(Settings):
    rate_scale: float = 2.0
    bias: Annotated[bool, AddedLater(neutral=True)] = True


class Cell(Settings):
    """Once there was `epochs` and nothing else."""

    epochs: int = 3
    smoothing: Annotated[float, AddedLater(neutral=0.0), Field(ge=0, lt=1)] = 0.1
    weights: Annotated[tuple[float, ...] | None, AddedLater(neutral=None)] = None
    head: Annotated[Head, AddedLater(neutral={"rate_scale": 1.0})] = Head()
    optimizer: Annotated[AnyOptimizer, AddedLater(neutral={"name": "adam", "beta": 0.9})] = Adam()
    schedules: Annotated[tuple[Sgd, ...], AddedLater(neutral=[])] = ()


NEUTRAL: dict[str, Any] = {"smoothing": 0.0, "head": {"rate_scale": 1.0}}
"""The others' defaults are neutral."""


def test_a_cell_at_the_neutral_values_is_stored_as_it_was_before_they_came() -> None:
    assert declared(Cell.model_validate(NEUTRAL)) == {"epochs": 3}


def test_a_value_that_is_not_neutral_is_stored_though_it_is_the_default() -> None:
    assert declared(Cell()) == {"epochs": 3, "smoothing": 0.1, "head": {"rate_scale": 2.0}}


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({"smoothing": 0.2}, {"smoothing": 0.2}),
        ({"weights": [1, 2]}, {"weights": [1.0, 2.0]}),
        ({"head": {"rate_scale": 1.0, "bias": False}}, {"head": {"rate_scale": 1.0, "bias": False}}),
        ({"optimizer": "sgd"}, {"optimizer": {"name": "sgd", "momentum": 0.9}}),
        ({"optimizer": {"name": "sgd", "momentum": 0}}, {"optimizer": {"name": "sgd"}}),
        ({"schedules": [{"momentum": 0}, {}]}, {"schedules": [{"name": "sgd"}, {"name": "sgd", "momentum": 0.9}]}),
    ],
    ids=str,
)
def test_each_setting_is_stored_where_it_is_not_neutral_at_any_depth(
    given: dict[str, Any], stored: dict[str, Any]
) -> None:
    assert declared(Cell.model_validate({**NEUTRAL, **given})) == {"epochs": 3} | stored


@pytest.mark.parametrize("given", [{}, NEUTRAL, {"optimizer": {"name": "sgd", "momentum": 0}, "weights": [2]}])
def test_what_was_stored_is_read_back_as_it_was_whatever_the_defaults_are(given: dict[str, Any]) -> None:
    cell = Cell.model_validate(given)
    assert Cell.model_validate(declared(cell), context=STORED) == cell


def test_what_was_stored_before_a_setting_came_is_read_back_with_its_neutral_value() -> None:
    assert Cell.model_validate({"epochs": 5}, context=STORED) == Cell.model_validate({"epochs": 5, **NEUTRAL})
    optimizer = TypeAdapter(AnyOptimizer).validate_python({"name": "sgd"}, context=STORED)
    assert optimizer == Sgd(momentum=0.0)


def test_settings_that_are_asked_for_have_their_defaults() -> None:
    assert (Cell(epochs=5).smoothing, Cell.model_validate({"epochs": 5}).smoothing) == (0.1, 0.1)


# What holds for every mark in the code.


def groups(above: type[Settings] = Settings) -> Iterator[type[Settings]]:
    for group in above.__subclasses__():
        yield group
        yield from groups(group)


def test_every_neutral_value_is_one_that_its_setting_can_have_written_as_it_is_stored() -> None:
    marked = [(group, name) for group in groups() for name in neutral_values(group)]
    assert (Cell, "smoothing") in marked
    for group, name in marked:
        field = group.model_fields[name]
        alone = create_model("Alone", __base__=Settings, **{name: (field.annotation, field)})  # type: ignore[call-overload]
        read = alone.model_validate({}, context=STORED)
        assert declared(read) == {}, f"{group.__name__}.{name}: its neutral value is never what is stored"
