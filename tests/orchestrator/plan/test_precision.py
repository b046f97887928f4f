"""What `plan` says of the power of a sweep."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orchestrator.compare.looks.asked import asked_of, planned_by, planned_pairs
from orchestrator.compare.seeds_asked import GROWN_LEVEL, Family
from orchestrator.compare.statistics.power import Design, detectable, upper_sd
from orchestrator.compare.statistics.seeds_and_items import paired_over_items
from orchestrator.plan import Plan, key_material, prepare_sweep
from orchestrator.plan.foretold import ASSUMED_ERROR, Foretold
from orchestrator.plan.precision import Precision, precision
from orchestrator.spec import SweepSpec
from orchestrator.store import CellStore, LocalStore, SweepStore
from trainables.classifier import CellOutcome, PartLogits
from trainables.records import CellResult

SPEC: dict[str, Any] = {
    "name": "later",
    "data": {"source": "synthetic", "train_rows": 60, "test_rows": 150},
    "split": {"train": "train", "validation": {"of": "test", "size": 50}, "test": "test"},
    "model": {"name": "bag_of_embeddings"},
    "vary": {"loss": ["cross_entropy", "binary_cross_entropy"]},
    "seeds": 5,
    "decide": {"metric": "test_accuracy", "margin": 2.0},
}
EARLIER = [0.80, 0.82, 0.85, 0.81]


def planned(tmp_path: Path, **changed: Any) -> Plan:
    return prepare_sweep(SweepSpec.model_validate(SPEC | changed), tmp_path / "tokens")


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "home")


def asked(plan: Plan, store: LocalStore) -> Precision:
    return precision(plan, CellStore(store), SweepStore(store))


def finish(plan: Plan, store: LocalStore, name: str) -> None:
    """The first arm's runs, as those of a sweep of that name; seeds 0 to 3."""
    cells = CellStore(store)
    SweepStore(store).save(name, plan.stored() | {"sweep": name}, "")
    first = [cell for cell in plan.cells if cell.arm == plan.spec.arms[0].name]
    for cell, value in zip(first, EARLIER, strict=False):
        cells.begin(cell.key, key_material(cell.config, cell.fingerprint))
        result = CellResult(status="finished", epochs=1, final={"test_accuracy": value}, measured_at=1.0)
        cells.newest_try(cell.key).finish(CellOutcome(result, {}, {}))


def finish_pairs(plan: Plan, store: LocalStore, right_ASN: Sequence[np.ndarray] | np.ndarray) -> None:
    """The arms' runs, by which items of the test part each got right; of some arms there may be fewer."""
    cells = CellStore(store)
    SweepStore(store).save("pairs", plan.stored() | {"sweep": "pairs"}, "")
    for cell in plan.cells:
        of_arm_SN = right_ASN[[arm.name for arm in plan.spec.arms].index(cell.arm)]
        if cell.seed >= len(of_arm_SN):
            continue
        cells.begin(cell.key, key_material(cell.config, cell.fingerprint))
        right_N = of_arm_SN[cell.seed]
        labels, chance = np.arange(len(right_N)) % 2, 0.8 + 0.001 * cell.seed
        of_one = np.where(right_N == (labels == 1), chance, 1 - chance)
        logs = np.log(np.stack([1 - of_one, of_one], axis=1))
        part = PartLogits(np.arange(len(right_N)), labels, logs.astype(np.float32), logs)
        final = {"test_accuracy": float(right_N.mean())}
        result = CellResult(status="finished", epochs=1, final=final, measured_at=1.0)
        cells.newest_try(cell.key).finish(CellOutcome(result, {"test": part}, {}))


def known(found: Precision) -> Foretold:
    assert found.foretold is not None
    return found.foretold


def test_without_earlier_cells_the_spread_is_about_what_the_items_of_calibrated_arms_produce(
    tmp_path: Path, store: LocalStore
) -> None:
    found = asked(planned(tmp_path), store)
    sd = math.sqrt(ASSUMED_ERROR / (2 * 100))
    design = Design(math.sqrt(2) * sd, paired=True, item_variance=0.0)  # as the arms will be compared
    assert known(found).sd == pytest.approx(sd)
    assert known(found).design == design
    assert found.detectable == pytest.approx(detectable(5, design, level=Family(1).first_level(5)))
    assert found.asked == Family(1).seeds_for(0.02, design)
    assert found.seeds_for_margin == found.asked.to_settle
    grown = Family(1, GROWN_LEVEL, anytime=True).seeds_for(0.02, design)
    first, within, items, can, margin = found.sentences
    assert "about what 100 items alone produce at an error of 15% if the arms are calibrated" in first
    assert "as if their runs had nothing in common" in within
    assert "not in these numbers" in items
    assert can.endswith("at 80% power.")
    # Luck of the items that is no bound leaves no bound on the seeds.
    assert not any(bound in " ".join(found.sentences) for bound in ("no less", "at best", "at least"))
    assert margin == (
        f"The margin of 2 points asks for about {found.seeds_for_margin} seeds an arm: {found.asked.to_find} to "
        f"find a difference of that size 8 times in 10, {found.asked.to_rule_out} to say EQUIVALENT 8 times in 10 "
        f"where there is none. Were some of them added after verdicts, it would ask for about {grown.to_settle}."
    )
    assert found.warning == (
        f"5 seeds cannot settle a margin of 2 points: it asks for about {found.seeds_for_margin}."
    )


def test_earlier_cells_of_the_same_data_and_model_say_more(tmp_path: Path, store: LocalStore) -> None:
    """Other losses, other training: the spread is taken over."""
    finish(planned(tmp_path, training={"epochs": 3}), store, "earlier")
    found = asked(planned(tmp_path), store)
    assert known(found).sd == pytest.approx(upper_sd(float(np.std(EARLIER, ddof=1)), 3))
    assert known(found).known_from == "the upper 80% bound from 4 earlier runs of the same data and model"
    assert known(found).difference_sd == pytest.approx(math.sqrt(2) * known(found).sd)


def test_earlier_pairs_say_how_far_arms_differ_within_a_seed_and_by_their_items(
    tmp_path: Path, store: LocalStore
) -> None:
    """Runs of one seed have the same luck on most items, and each arm has items that it always gets wrong."""
    rng = np.random.default_rng(0)
    shared_SN = rng.random((5, 100)) < rng.uniform(0.6, 1, (5, 1))
    right_2SN = np.stack([shared_SN, shared_SN ^ (rng.random((5, 100)) < 0.02)])
    right_2SN[0, :, :12] = right_2SN[1, :, 12:20] = False
    right_2SN[1, :, :12] = right_2SN[0, :, 12:20] = True
    finish_pairs(planned(tmp_path), store, right_2SN)
    found = asked(planned(tmp_path), store)
    differences_S = (right_2SN[1].mean(1) - right_2SN[0].mean(1)).astype(float)
    expected = upper_sd(float(differences_S.std(ddof=1)), 4)
    assert known(found).pairs == 5
    assert known(found).difference_sd == pytest.approx(expected)
    assert expected < known(found).sd / 2
    b, a = right_2SN[1].astype(float), right_2SN[0].astype(float)
    by_items = paired_over_items(b, a).beyond_seeds
    assert known(found).item_variance == pytest.approx(by_items)
    assert by_items > 0.03**2
    assert known(found).design == Design(known(found).difference_sd, True, known(found).item_variance or 0.0)
    assert any("the upper 80% bound from 5 earlier pairs of runs" in said for said in found.sentences)
    assert any(
        f"Which items there are adds sd {100 * math.sqrt(by_items):.2f} points" in said for said in found.sentences
    )
    assert found.seeds_for_margin is None
    assert found.warning == "5 seeds cannot settle a margin of 2 points: it asks for more than 100,000."


def test_pairs_of_arms_that_share_one_say_no_more_than_the_largest_of_them_and_are_counted_once(
    tmp_path: Path, store: LocalStore
) -> None:
    """Pooled, but with the degrees of freedom of one; of what their items add, the most."""
    rng = np.random.default_rng(0)
    three = {"vary": {"loss": [*SPEC["vary"]["loss"], {"name": "cross_entropy", "label_smoothing": 0.1}]}}
    base_SN, one_SN = (rng.random((5, 100)) < rng.uniform(0.6, 0.9, 100) for _ in range(2))
    other_SN = rng.random((3, 100)) < rng.permutation(np.linspace(0.3, 1, 100))
    plan = planned(tmp_path, **three)
    finish_pairs(plan, store, [base_SN, one_SN, other_SN])
    SweepStore(store).save("once more", plan.stored() | {"sweep": "once more"}, "")
    found = known(asked(plan, store))
    apart = [arm_SN.mean(1) - base_SN[: len(arm_SN)].mean(1) for arm_SN in (one_SN, other_SN)]
    pooled = math.sqrt(sum(((each - each.mean()) ** 2).sum() for each in apart) / (4 + 2))
    assert (found.pairs, found.difference_sd) == (5 + 3, pytest.approx(upper_sd(pooled, 4)))
    of_items = [
        paired_over_items(arm_SN.astype(float), base_SN[: len(arm_SN)].astype(float)).beyond_seeds
        for arm_SN in (one_SN, other_SN)
    ]
    assert of_items[1] > 1.2 * of_items[0]
    assert found.item_variance == pytest.approx(of_items[1])
    of_runs = [arm_SN.mean(1) for arm_SN in (base_SN, one_SN, other_SN)]
    spread = math.sqrt(sum(((each - each.mean()) ** 2).sum() for each in of_runs) / (4 + 4 + 2))
    assert found.sd == pytest.approx(upper_sd(spread, 10))
    assert "from 13 earlier runs" in found.known_from


def test_a_split_drawn_anew_for_each_seed_leaves_luck_that_no_seed_takes_away(
    tmp_path: Path, store: LocalStore
) -> None:
    """Nadeau and Bengio's: 100 rows evaluated, 60 trained on."""
    split = {**SPEC["split"], "varies_by_seed": True}
    found = asked(planned(tmp_path, split=split), store)
    assert known(found).overlap == pytest.approx(100 / 60)
    assert known(found).design.item_variance == pytest.approx(known(found).difference_sd ** 2 * 100 / 60)
    assert any("training parts overlap" in said for said in found.sentences)


@pytest.mark.parametrize(
    "changed",
    [
        {"model": {"name": "bag_of_embeddings", "width": 64}},
        {"data": {"source": "synthetic", "train_rows": 61, "test_rows": 150}},
        {"split": {**SPEC["split"], "validation": {"of": "test", "size": 40}}},
    ],
)
def test_cells_of_another_model_or_other_data_say_nothing(
    changed: dict[str, Any], tmp_path: Path, store: LocalStore
) -> None:
    finish(planned(tmp_path, **changed), store, "earlier")
    assert "earlier runs" not in known(asked(planned(tmp_path), store)).known_from


def test_the_same_cells_in_two_sweeps_count_once(tmp_path: Path, store: LocalStore) -> None:
    for name in ("earlier", "again"):
        finish(planned(tmp_path), store, name)
    assert "from 4 earlier runs" in known(asked(planned(tmp_path), store)).known_from


def test_enough_seeds_for_the_margin_are_no_warning(tmp_path: Path, store: LocalStore) -> None:
    needed = asked(planned(tmp_path), store).seeds_for_margin
    assert needed is not None
    assert asked(planned(tmp_path, seeds=needed), store).warning == ""
    assert asked(planned(tmp_path, seeds=needed - 1), store).warning != ""


def test_one_arm_is_not_spoken_of_as_two(tmp_path: Path, store: LocalStore) -> None:
    found = asked(planned(tmp_path, vary={"loss": ["cross_entropy"]}), store)
    run, alone = found.sentences
    assert run.startswith("Spread of a run: sd ")
    assert alone == "There is one arm, and so nothing to compare it with: `vary` gives a setting its other values."
    assert (found.detectable, found.asked, found.warning) == (None, None, "")


def test_too_few_seeds_for_any_verdict_are_a_warning(tmp_path: Path, store: LocalStore) -> None:
    decide = {"metric": "test_accuracy"}
    found = asked(planned(tmp_path, seeds=4, decide=decide), store)
    assert found.warning == "4 seeds are too few for a verdict, which needs 5."
    assert found.margin is None
    assert asked(planned(tmp_path, seeds=5, decide=decide), store).warning == ""
    one = asked(planned(tmp_path, seeds=1, decide=decide), store)
    assert one.detectable is None
    assert one.warning == "1 seed is too few for a verdict, which needs 5."


def test_a_wide_margin_asks_for_no_fewer_seeds_than_a_verdict_needs(tmp_path: Path, store: LocalStore) -> None:
    found = asked(planned(tmp_path, seeds=3, decide={"metric": "test_accuracy", "margin": 40.0}), store)
    assert (found.seeds_for_margin, found.detectable) == (5, None)
    assert not any("3 seeds an arm can detect" in sentence for sentence in found.sentences)
    assert found.warning == "3 seeds cannot settle a margin of 40 points: it asks for about 5."


def test_seeds_other_than_those_planned_or_judged_are_told_what_verdict_they_will_get(
    tmp_path: Path, store: LocalStore
) -> None:
    sweeps, name = SweepStore(store), SPEC["name"]
    decide = {"metric": "test_accuracy", "margin": 20.0}
    plan = planned(tmp_path, seeds=5, decide=decide)
    sweeps.note_plan(planned_by(plan.stored()))
    finish(plan, store, name)
    for cell in plan.cells:
        CellStore(store).begin(cell.key, key_material(cell.config, cell.fingerprint))
    for look in asked_of(plan.stored(), planned_pairs(plan.stored())).looks(plain=True):
        sweeps.add_look(look)

    def told(seeds: int | list[int]) -> tuple[Precision, str]:
        found = asked(planned(tmp_path, seeds=seeds, decide=decide), store)
        return found, " ".join(found.sentences)

    found, said = told(5)
    assert "verdict on these" not in said
    design, fresh, later = known(found).design, Family(1), Family(1, GROWN_LEVEL, anytime=True)
    alone, grown = (family.seeds_for(0.2, design) for family in (fresh, later))
    assert f"Were some of them added after verdicts, it would ask for about {grown.to_settle}." in said
    found, said = told(7)
    assert found.detectable == later.detectable(7, design) > 2 * fresh.detectable(7, design)
    assert "A verdict on these seeds will be an anytime-valid one, for 5 seeds were planned" in said
    assert f": as many in a fresh sweep can detect a difference of {100 * fresh.detectable(7, design):.2f}" in said
    assert (found.asked, found.seeds_for_margin) == (grown, grown.to_settle)
    assert f"seeds an arm at this look: {grown.to_find} to find" in said
    assert f"where there is none; in a fresh sweep, for about {alone.to_settle}." in said
    assert found.warning == f"7 seeds cannot settle a margin of 20 points: it asks for about {grown.to_settle}."
    found, said = told([5, 6, 7, 8, 9])
    assert "There will be no verdict on these seeds: verdicts on seeds 0 to 4 were shown" in said
    assert (found.detectable, found.asked) == (None, alone)
    assert found.warning == "There will be no verdict on these seeds."
    others = {"training": {"epochs": 7}, "seeds": [5, 6, 7, 8, 9], "decide": decide}
    assert asked(planned(tmp_path, **others), store).detectable is not None, "of other arms"


def test_too_few_seeds_for_any_verdict_at_a_look_that_was_not_planned_are_a_warning(
    tmp_path: Path, store: LocalStore
) -> None:
    """Five were planned and judged; with one more nothing can be found, however large."""
    decide = {"metric": "test_accuracy"}
    plan = planned(tmp_path, seeds=5, decide=decide)
    sweeps = SweepStore(store)
    sweeps.note_plan(planned_by(plan.stored()))
    for look in asked_of(plan.stored(), planned_pairs(plan.stored())).looks(plain=True):
        sweeps.add_look(look)
    found = asked(planned(tmp_path, seeds=6, decide=decide), store)
    assert found.detectable == math.inf
    assert "6 seeds an arm can detect no difference there can be at 80% power." in found.sentences
    assert found.warning == "6 seeds are too few for a verdict at a look that was not planned."


def test_a_metric_without_a_floor_and_without_earlier_cells_is_not_guessed(
    tmp_path: Path, store: LocalStore
) -> None:
    found = asked(planned(tmp_path, decide={"metric": "test_nll"}), store)
    assert (found.foretold, found.detectable) == (None, None)
    assert found.sentences == (
        "What the seeds can detect is not known: no earlier cell of the same data and model is there.",
    )


def test_what_is_foretold_is_for_as_many_pairs_as_there_are_arms_beside_the_baseline(
    tmp_path: Path, store: LocalStore
) -> None:
    losses = SPEC["vary"]["loss"]
    found = asked(planned(tmp_path, vary={"loss": losses, "training.batch_size": [16, 32]}), store)
    design = known(found).design
    assert found.detectable == detectable(5, design, level=Family(3).first_level(5))
    assert found.asked == Family(3).seeds_for(0.02, design)
