"""What a new plan says of the one before it: which setting has changed, what has grown, what is taken over."""

import csv
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from orchestrator.plan import Plan, PlanChanges, identity, key_material, plan_changes, prepare_sweep, taken_over
from orchestrator.plan.earlier_arms import PlannedArm, SettingChange, pair_arms
from orchestrator.spec import SweepSpec
from trainables.config import CellConfig
from trainables.losses import CrossEntropy
from trainables.settings import AddedLater

SWEEP: dict[str, Any] = {
    "name": "small",
    "data": {"source": "synthetic", "train_rows": 40, "test_rows": 30, "median_words": 20},
    "split": {"validation": {"of": "test", "size": 10}},
    "tokens": {"max_length": 16},
    "model": {"name": "bag_of_embeddings", "width": 2},
    "training": {"epochs": 3},
    "vary": {"loss": ["cross_entropy", "binary_cross_entropy"]},
    "seeds": 5,
}
IN_MLFLOW = "what is no longer in the sweep stays in MLflow, too (tag seedwise.in_plan: false)"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Plan]:
    """The sweep above with some of its settings replaced."""
    cache = tmp_path_factory.mktemp("token cache")
    return lambda **changes: prepare_sweep(SweepSpec.model_validate({**SWEEP, **changes}), cache)


MakePlan = Callable[..., Plan]


def keys(plan: Plan) -> list[str]:
    return [cell.key for cell in plan.cells]


def settings(plan: Plan) -> dict[str, Any]:
    """By arm, as they are stored."""
    return {cell.arm: key_material(cell.config, cell.fingerprint) for cell in plan.cells}


def changes(before: Plan, now: Plan, done: Collection[str] | None = None) -> PlanChanges:
    """`done`: by default all that the earlier plan had."""
    return plan_changes(before.stored(), settings(before), now, keys(before) if done is None else done)


def said(before: Plan, now: Plan, done: Collection[str] | None = None) -> list[str]:
    return [sentence for sentence in changes(before, now, done).sentences if sentence != IN_MLFLOW]


def test_an_unchanged_plan_says_nothing(plan: MakePlan) -> None:
    assert changes(plan(), plan(description="said otherwise", resources={"cpus": 2})) == PlanChanges()


# Changed settings.


def test_a_changed_setting_is_named_with_both_values_and_what_becomes_of_the_cells(plan: MakePlan) -> None:
    found = changes(plan(), plan(training={"epochs": 5}))
    assert found.settings == (SettingChange("training.epochs", "3", "5"),)
    assert found.sentences == (
        "training.epochs was 3 and is 5: 10 cells are new; the 10 trained with 3 stay stored",
        IN_MLFLOW,
    )


def test_only_cells_that_have_been_trained_are_said_to_stay(plan: MakePlan) -> None:
    before, now = plan(), plan(training={"epochs": 5})
    assert said(before, now, done=[]) == ["training.epochs was 3 and is 5: 10 cells are new"]
    assert IN_MLFLOW not in changes(before, now, done=[]).sentences
    assert said(before, now, done=keys(before)[:1]) == [
        "training.epochs was 3 and is 5: 10 cells are new; the 1 trained with 3 stays stored"
    ]


def test_several_changed_settings_are_one_sentence(plan: MakePlan) -> None:
    now = plan(training={"epochs": 5}, split={"validation": {"of": "test", "size": 10}, "limit_rows": 20})
    assert said(plan(), now) == [
        "split.limit_rows was null and is 20; training.epochs was 3 and is 5: 10 cells are new; "
        "the 10 trained before stay stored"
    ]


def test_an_axis_that_one_of_the_two_plans_has_tells_no_arms_apart(plan: MakePlan) -> None:
    before = plan(loss="cross_entropy", vary={"training.learning_rate": [0.1, 0.2]})
    now = plan(loss="binary_cross_entropy", vary={}, training={"epochs": 3, "learning_rate": 0.2})
    assert said(before, now) == [
        "loss was cross_entropy and is binary_cross_entropy: 5 cells are new; the 5 trained with cross_entropy "
        "stay stored",
        "the arm training.learning_rate=0.1 is no longer in the sweep; the 5 cells trained for it stay stored",
    ]


def test_a_setting_that_was_another_in_one_arm_only_says_in_how_many_cells(plan: MakePlan) -> None:
    before, now = plan(), plan(training={"epochs": 5})
    stored = settings(before)
    wide = stored["loss=cross_entropy"]["model"] | {"width": 8}
    stored["loss=cross_entropy"] |= {"model": wide}
    assert plan_changes(before.stored(), stored, now, keys(before)).sentences[0] == (
        "model.width was 8 and is 2 (in 5 cells); training.epochs was 3 and is 5: 10 cells are new; "
        "the 10 trained before stay stored"
    )


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"model": "transformer_encoder"}, "model was bag_of_embeddings and is transformer_encoder"),
        (
            {"split": {"validation": {"of": "test", "size": 10}, "test": None}},
            "split.test was test(size=rest) and is null",
        ),
        ({"split": {"validation": {"of": "test", "size": 12}}}, "split.validation.size was 10 and is 12"),
        ({"tokens": {"max_length": 16, "truncate": "tail"}}, "tokens.truncate was head and is tail"),
    ],
)
def test_a_group_of_another_kind_is_named_as_a_whole_and_a_setting_by_its_dotted_key(
    change: dict[str, Any], clause: str, plan: MakePlan
) -> None:
    (sentence,) = said(plan(), plan(**change))
    assert sentence.startswith(f"{clause}: 10 cells are new; the 10 trained with ")


def test_changed_data_are_said_in_words(plan: MakePlan, tmp_path: Path) -> None:
    def written(*words: str) -> Plan:
        with (tmp_path / "reviews.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["text", "label"])
            writer.writerows((f"it was {word}, take {n}", word[:3]) for n in range(12) for word in words)
        split = {"train": "all", "validation": {"of": "all", "size": 4}, "test": None}
        return plan(data={"source": "files", "path": str(tmp_path / "reviews.csv")}, split=split)

    before = written("good", "bad")
    assert said(before, written("goodish", "bad")) == [
        "the data have changed (as many rows as before, other texts or labels): 10 cells are new; the 10 trained "
        "before stay stored"
    ]
    (sentence,) = said(before, written("good", "bad", "bad indeed"))
    assert sentence.startswith("the data have changed (before: train: 20 rows from 'all'; "), sentence
    assert sentence.endswith("): 10 cells are new; the 10 trained before stay stored")


def test_another_recipe_is_said_in_words(plan: MakePlan, monkeypatch: pytest.MonkeyPatch) -> None:
    before = plan()
    stored, was = before.stored(), settings(before)
    monkeypatch.setattr(identity, "RECIPE", identity.RECIPE + 1)
    (sentence, _) = plan_changes(stored, was, plan(), keys(before)).sentences
    assert sentence == (
        "the same settings train to other numbers in this version (recipe 1 → 2): 10 cells are new; the 10 trained "
        "before stay stored"
    )


class Smoothed(CrossEntropy):
    name: Literal["cross_entropy"] = "cross_entropy"
    smoothing: Annotated[float, AddedLater(neutral=0.0)] = 0.0


class SmoothedConfig(CellConfig):
    loss: Smoothed


def smoothed(smoothing: float) -> PlannedArm:
    config = SmoothedConfig.model_validate({"data": "synthetic", "loss": {"smoothing": smoothing}, "seed": 0})
    return PlannedArm(config, key_material(config, "ab"))


@pytest.mark.parametrize(("was", "now"), [(0.0, 0.1), (0.1, 0.0)])
def test_a_setting_that_was_added_since_had_its_neutral_value(was: float, now: float) -> None:
    (pair,) = pair_arms({"base": smoothed(was).stored}, {"base": smoothed(now)}, ())
    assert pair.changes == (SettingChange("loss.smoothing", str(was), str(now)),)


def test_an_arm_of_the_same_name_is_the_same_arm_though_what_varies_means_something_else_now() -> None:
    """A default within the varied group has changed, say."""
    before, now = smoothed(0.1), smoothed(0.2)
    (pair,) = pair_arms({"loss=cross_entropy": before.stored}, {"loss=cross_entropy": now}, {"loss"})
    assert pair.changes == (SettingChange("loss.smoothing", "0.1", "0.2"),)
    assert pair_arms({"loss=cross_entropy": before.stored}, {"loss=other": now}, {"loss"}) == ()


# Growth.


def test_more_seeds_are_growth(plan: MakePlan) -> None:
    assert said(plan(seeds=2), plan()) == ["seeds 2 to 4 are added: 6 cells"]
    assert said(plan(seeds=2), plan(seeds=[0, 1, 7])) == ["seed 7 is added: 2 cells"]
    assert said(plan(seeds=2), plan(seeds=[0, 1, 7, 9])) == ["seeds 7, 9 are added: 4 cells"]


def test_fewer_seeds_leave_the_others_stored(plan: MakePlan) -> None:
    before = plan()
    assert said(before, plan(seeds=4)) == [
        "seed 4 is no longer in the sweep; the 2 cells trained for it stay stored"
    ]
    assert said(before, plan(seeds=4), done=[]) == ["seed 4 is no longer in the sweep"]


def test_a_changed_setting_and_more_seeds_are_told_apart(plan: MakePlan) -> None:
    assert said(plan(seeds=2), plan(seeds=3, training={"epochs": 5})) == [
        "training.epochs was 3 and is 5: 4 cells are new; the 4 trained with 3 stay stored",
        "seed 2 is added: 2 cells",
    ]
    assert said(plan(seeds=[0, 1]), plan(seeds=[2], training={"epochs": 5})) == [
        "training.epochs was 3 and is 5: 2 cells are new; the 4 trained with 3 stay stored",
        "seed 2 is added",
        "seeds 0, 1 are no longer in the sweep",
    ]


def test_an_arm_more_is_growth_and_an_arm_less_stays_stored(plan: MakePlan) -> None:
    one, two = plan(vary={"loss": ["cross_entropy"]}), plan()
    assert said(one, two) == ["the arm loss=binary_cross_entropy is added: 5 cells"]
    assert said(two, one) == [
        "the arm loss=binary_cross_entropy is no longer in the sweep; the 5 cells trained for it stay stored"
    ]


def test_another_value_of_what_varies_is_another_arm_though_a_shared_setting_changes_too(plan: MakePlan) -> None:
    before = plan(loss="cross_entropy", vary={"training.learning_rate": [0.1, 0.2]})
    now = plan(loss="cross_entropy", vary={"training.learning_rate": [0.1, 0.3]}, training={"epochs": 5})
    assert said(before, now) == [
        "training.epochs was 3 and is 5: 5 cells are new; the 5 trained with 3 stay stored",
        "the arm training.learning_rate=0.3 is added: 5 cells",
        "the arm training.learning_rate=0.2 is no longer in the sweep; the 5 cells trained for it stay stored",
    ]


def test_an_arm_that_only_has_another_name_now_is_the_same_arm(plan: MakePlan) -> None:
    before = plan(vary={"loss": ["cross_entropy", "binary_cross_entropy"]})
    now = plan(vary={"loss": ["cross_entropy", "binary_cross_entropy"], "model.width": [2]})
    assert keys(before) == keys(now)
    assert changes(before, now) == PlanChanges()


def test_arms_of_other_names_are_paired_with_the_nearest(plan: MakePlan) -> None:
    now = plan(
        vary={"loss": ["binary_cross_entropy", "cross_entropy"], "model.width": [2, 4]}, training={"epochs": 5}
    )
    found = said(plan(), now)
    assert found[0] == "training.epochs was 3 and is 5: 10 cells are new; the 10 trained with 3 stay stored"
    assert [sentence for sentence in found if "model.width=4 is added: 5 cells" in sentence] == found[1:]
    assert len(found) == 3


def test_an_arm_whose_settings_cannot_be_read_any_more_is_not_guessed_at(plan: MakePlan) -> None:
    before, now = (
        plan(vary={"loss": ["cross_entropy"]}),
        plan(vary={"loss": ["cross_entropy"]}, training={"epochs": 5}),
    )
    assert plan_changes(before.stored(), {}, now, keys(before)).sentences == (
        "the arm loss=cross_entropy is added: 5 cells",
        "the arm loss=cross_entropy is no longer in the sweep; the 5 cells trained for it stay stored",
        IN_MLFLOW,
    )


# Cells of other sweeps.


def test_cells_that_another_sweep_has_trained_are_said_to_be_its(plan: MakePlan) -> None:
    now = plan()
    done = keys(now)[:4]
    assert taken_over(now, None, done, {"x": keys(now)}) == ("4 of the 10 cells were trained by the sweep x",)
    assert taken_over(now, None, done[:1], {"a": [], "x": done}) == (
        "1 of the 10 cells was trained by the sweep x",
    )
    assert taken_over(now, None, done, {"a": done[:1], "b": done[1:3]}) == (
        "1 of the 10 cells was trained by the sweep a",
        "2 of the 10 cells were trained by the sweep b",
        "1 of the 10 cells was trained before",
    )


def test_cells_that_the_sweep_has_had_before_are_its_own(plan: MakePlan) -> None:
    now = plan()
    assert taken_over(now, now.stored(), keys(now), {"x": keys(now)}) == ()
    assert taken_over(now, None, [], {"x": keys(now)}) == ()
