"""A sweep's seeds, baseline, decision and name, used from Python as a notebook would."""

from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.spec import DECIDING_METRICS, SweepSpec
from trainables.data.sources import SyntheticSource
from trainables.losses import BinaryCrossEntropy, CrossEntropy
from trainables.models import TransformerEncoder

LOSSES = {"loss": ["cross_entropy", "binary_cross_entropy"]}


def spec(**settings: Any) -> SweepSpec:
    return SweepSpec(**{"name": "x", "data": SyntheticSource(), "vary": LOSSES, "seeds": 2, **settings})


def message_of(**settings: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        spec(**settings)
    (error,) = caught.value.errors()
    return error["msg"].removeprefix("Value error, ")


@pytest.mark.parametrize(("seeds", "listed"), [(1, (0,)), (3, (0, 1, 2)), ([7, 2], (7, 2))])
def test_seeds_are_a_number_or_a_list(seeds: Any, listed: tuple[int, ...]) -> None:
    sweep = spec(seeds=seeds)
    assert sweep.seed_list == listed
    assert [cell.config.seed for cell in sweep.cells] == [seed for seed in listed for _ in LOSSES["loss"]]


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        (0, "0 seeds cannot be trained; the number must be at least 1 and at most 10,000"),
        (-2, "-2 seeds cannot be trained; the number must be at least 1 and at most 10,000"),
        (10**9, "1,000,000,000 seeds cannot be trained; the number must be at least 1 and at most 10,000"),
        ([], "the list has 0 seeds; it must have at least 1 and at most 10,000"),
        ([0, -1], "-1 cannot be a seed; a seed must be at least 0"),
        ([3, 1, 3], "3 is there more than once; each seed is trained once"),
        ("5", "'5' is not a whole number; give a number of seeds, or a list of seeds"),
        (True, "true is not a whole number; give a number of seeds, or a list of seeds"),
        ([1, 2.0], "2.0 is not a whole number; give a number of seeds, or a list of seeds"),
        (None, "null is not a whole number; give a number of seeds, or a list of seeds"),
    ],
)
def test_seeds_that_make_no_sense_are_refused(seeds: Any, message: str) -> None:
    assert message_of(seeds=seeds) == message


@pytest.mark.parametrize(
    ("baseline", "name"),
    [
        (None, "loss=cross_entropy"),
        ("loss=binary_cross_entropy", "loss=binary_cross_entropy"),
        ({"loss": "binary_cross_entropy"}, "loss=binary_cross_entropy"),
        ({"loss": {"name": "binary_cross_entropy"}}, "loss=binary_cross_entropy"),
        ({}, None),
    ],
)
def test_the_baseline_is_an_arm_by_name_or_by_settings(baseline: Any, name: str | None) -> None:
    if name is None:
        assert "which 2 arms have; name one" in message_of(baseline=baseline)
    else:
        assert spec(baseline=baseline).baseline_arm.name == name


RATES = {"training.learning_rate": [0.001, 7e-4], "training.clip_norm": [None, 1.0]}


@pytest.mark.parametrize(
    "baseline",
    [
        "training.learning_rate=0.0007, training.clip_norm=1.0",
        "training.learning_rate=7e-4, training.clip_norm=1",
        "training.learning_rate=.7E-3,training.clip_norm = 1.",
        {"training.learning_rate": 0.0007, "training.clip_norm": 1},
    ],
)
def test_an_arm_is_known_however_its_numbers_are_written(baseline: Any) -> None:
    arm = spec(loss="cross_entropy", vary=RATES, baseline=baseline).baseline_arm
    assert arm.settings == {"training.learning_rate": 7e-4, "training.clip_norm": 1.0}


def test_a_name_written_exactly_is_preferred_to_one_that_only_says_the_same() -> None:
    vary = {"data": [{"source": "files", "path": path} for path in ("1", "1.0")]}
    meant = spec(loss="cross_entropy", vary=vary, baseline='data=files(path="1.0")').baseline_arm
    assert meant.settings["data"]["path"] == "1.0"
    assert "which 2 arms have" in message_of(loss="cross_entropy", vary=vary, baseline='data=files(path="1.00")')


def test_an_unknown_baseline_has_its_near_miss() -> None:
    assert message_of(baseline="cross_entropy") == (
        "baseline is 'cross_entropy', which is not an arm; did you mean loss=cross_entropy? "
        "(known: loss=cross_entropy, loss=binary_cross_entropy)"
    )


def test_a_baseline_that_several_arms_have_is_refused() -> None:
    assert message_of(vary={**LOSSES, "model.width": [8, 16]}, baseline={"loss": "cross_entropy"}) == (
        "baseline is 'loss=cross_entropy', which 2 arms have; name one: "
        "loss=cross_entropy, model.width=8; loss=cross_entropy, model.width=16"
    )


@pytest.mark.parametrize(("metric", "direction"), DECIDING_METRICS.items())
def test_the_direction_follows_from_the_metric_and_cannot_contradict_it(metric: str, direction: str) -> None:
    assert spec(decide={"metric": metric}).decide.direction == direction
    other = {"maximize": "minimize", "minimize": "maximize"}[direction]
    assert "or be left out" in message_of(decide={"metric": metric, "direction": other})


def test_a_margin_that_no_difference_can_reach_is_refused() -> None:
    assert message_of(decide={"metric": "test_accuracy", "margin": 101}) == (
        "decide.margin is 101, and no two values of test_accuracy differ by more than 100 points; give a "
        "difference too small to matter, such as 0.5"
    )
    assert spec(decide={"metric": "test_accuracy", "margin": 100}).decide.margin == 100
    assert spec(decide={"metric": "test_nll", "margin": 101}).decide.margin == 101


def test_a_metric_that_is_not_measured_cannot_decide() -> None:
    assert message_of(decide={"metric": "test_acuracy"}).startswith(
        "decide.metric is 'test_acuracy', which is not measured; did you mean test_accuracy? (known: "
    )


def test_a_test_metric_needs_a_test_part_in_every_arm() -> None:
    message = (
        "decide.metric is 'test_accuracy', but there is no test part; "
        "set split.test, or decide by validation_accuracy"
    )
    decide = {"metric": "test_accuracy"}
    assert message_of(decide=decide, split={"test": None}) == message
    assert message_of(decide=decide, vary={"split.test": [None, "test"]}, loss="cross_entropy") == message
    assert spec(decide=decide).decide.metric == "test_accuracy"


@pytest.mark.parametrize("name", ["", "a b", "../x", ".x", "-x", "a/b", "ü", "x" * 101, "a\n"])
def test_a_name_that_cannot_be_a_folder_is_refused(name: str) -> None:
    assert "cannot name a sweep" in message_of(name=name)


@pytest.mark.parametrize("name", ["a", "imdb_loss-2.b", "2024", "x" * 100])
def test_letters_digits_and_three_signs_make_a_name(name: str) -> None:
    assert spec(name=name).name == name


def test_settings_objects_do_as_well_as_their_text() -> None:
    by_object = spec(model=TransformerEncoder(width=8), vary={"loss": [CrossEntropy(), BinaryCrossEntropy()]})
    by_text = spec(model={"name": "transformer_encoder", "width": 8})
    assert [cell.config for cell in by_object.cells] == [cell.config for cell in by_text.cells]


def test_a_spec_that_was_stored_as_json_comes_back_the_same() -> None:
    sweep = spec(
        baseline={"training.clip_norm": None}, vary={"training.clip_norm": [None, 1.0]}, loss="cross_entropy"
    )
    assert SweepSpec.model_validate_json(sweep.model_dump_json()) == sweep


def test_loss_and_data_may_be_left_to_what_varies() -> None:
    sweep = spec(data=None, vary={"data": [{"source": "synthetic", "seed": 1}, "synthetic"], **LOSSES})
    assert len({cell.config.model_dump_json() for cell in sweep.cells}) == len(sweep.cells) == 8
    assert message_of(data=None).startswith("data is missing")
    assert message_of(vary={}).startswith("loss is missing")
