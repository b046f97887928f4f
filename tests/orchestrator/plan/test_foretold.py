"""How the runs of a plan are foretold to spread: from earlier cells, or from what their items produce."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from earlier_runs import EARLIER, SPEC, asked, finish, finish_pairs, known, planned
from scipy import stats

from orchestrator.compare.statistics.power import Design, upper_sd
from orchestrator.compare.statistics.seeds_and_items import paired_over_items
from orchestrator.plan.foretold import Foretold
from orchestrator.store import LocalStore, SweepStore


def test_earlier_cells_of_the_same_data_and_model_say_more(cache: Path, store: LocalStore) -> None:
    """Other losses, other training: the spread is taken over."""
    finish(planned(cache, training={"epochs": 3}), store, "earlier")
    found = asked(planned(cache), store)
    assert known(found).sd == pytest.approx(upper_sd(float(np.std(EARLIER, ddof=1)), 3))
    assert known(found).known_from == "the upper 80% bound from 4 earlier runs of the same data and model"
    assert known(found).difference_sd == pytest.approx(math.sqrt(2) * known(found).sd)


def test_earlier_pairs_say_how_far_arms_differ_within_a_seed_and_by_their_items(
    cache: Path, store: LocalStore
) -> None:
    """Runs of one seed have the same luck on most items, and each arm has items that it always gets wrong."""
    rng = np.random.default_rng(0)
    shared_SN = rng.random((5, 100)) < rng.uniform(0.6, 1, (5, 1))
    right_2SN = np.stack([shared_SN, shared_SN ^ (rng.random((5, 100)) < 0.02)])
    right_2SN[0, :, :12] = right_2SN[1, :, 12:20] = False
    right_2SN[1, :, :12] = right_2SN[0, :, 12:20] = True
    finish_pairs(planned(cache), store, right_2SN)
    found = asked(planned(cache), store)
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


def test_pairs_that_do_not_differ_say_nothing_of_how_far_arms_do(cache: Path, store: LocalStore) -> None:
    """Of two losses that are one function, say: others may differ by any amount."""
    right_SN = np.random.default_rng(0).random((5, 100)) < np.linspace(0.7, 0.9, 5)[:, None]
    finish_pairs(planned(cache), store, [right_SN, right_SN])
    found = known(asked(planned(cache), store))
    assert (found.pairs, found.difference_sd) == (0, math.sqrt(2) * found.sd)


def test_items_have_a_share_of_the_level_only_where_verdicts_are_for_new_ones() -> None:
    as_they_are, new = (Foretold(0.1, "", 0.14, 0, None, for_new_items=new).design for new in (False, True))
    assert (as_they_are.item_variance, new.item_variance) == (None, 0.0)


def test_pairs_of_arms_that_share_one_say_no_more_than_the_largest_of_them_and_are_counted_once(
    cache: Path, store: LocalStore
) -> None:
    """Pooled, but with the degrees of freedom of one; of what their items add, the most."""
    rng = np.random.default_rng(0)
    three = {"vary": {"loss": [*SPEC["vary"]["loss"], {"name": "cross_entropy", "label_smoothing": 0.1}]}}
    base_SN, one_SN = (rng.random((5, 100)) < rng.uniform(0.6, 0.9, 100) for _ in range(2))
    other_SN = rng.random((3, 100)) < rng.permutation(np.linspace(0.3, 1, 100))
    plan = planned(cache, **three)
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
    cache: Path, store: LocalStore
) -> None:
    """Nadeau and Bengio's: 100 rows evaluated, 60 trained on."""
    split = {**SPEC["split"], "varies_by_seed": True}
    found = asked(planned(cache, split=split), store)
    assert known(found).overlap == pytest.approx(100 / 60)
    assert known(found).design == Design(known(found).difference_sd, paired=True, overlap=100 / 60)
    # The judge's: t with 4 degrees of freedom, of which the first test has the level .045.
    se = known(found).difference_sd * math.sqrt(1 / 5 + 100 / 60)
    critical = stats.t.isf(0.045 / 2, 4)
    assert found.detectable is not None
    assert stats.nct.sf(critical, 4, found.detectable / se) == pytest.approx(0.8, abs=1e-3)
    assert any("training parts overlap" in said for said in found.sentences)


def test_a_test_part_that_is_the_same_for_every_seed_is_no_split_of_its_own(cache: Path, store: LocalStore) -> None:
    """Only what is trained on is drawn anew: with the part that validates it is, too."""
    split = {"train": "train", "validation": {"of": "train", "size": 20}, "test": "test", "varies_by_seed": True}
    found = asked(planned(cache, split=split), store)
    assert known(found).overlap == 0
    assert known(found).design == Design(known(found).difference_sd, paired=True, item_variance=0.0)
    validation = asked(planned(cache, split=split, decide={"metric": "validation_accuracy"}), store)
    assert known(validation).overlap == pytest.approx(20 / 40)


@pytest.mark.parametrize(
    "changed",
    [
        {"model": {"name": "bag_of_embeddings", "width": 64}},
        {"tokens": {"max_length": 16}},
        {"data": {"source": "synthetic", "train_rows": 61, "test_rows": 150}},
        {"split": {**SPEC["split"], "validation": {"of": "test", "size": 40}}},
    ],
)
def test_cells_of_another_model_or_other_data_say_nothing(
    changed: dict[str, Any], cache: Path, store: LocalStore
) -> None:
    finish(planned(cache, **changed), store, "earlier")
    assert "earlier runs" not in known(asked(planned(cache), store)).known_from


def test_the_same_cells_in_two_sweeps_count_once(cache: Path, store: LocalStore) -> None:
    for name in ("earlier", "again"):
        finish(planned(cache), store, name)
    assert "from 4 earlier runs" in known(asked(planned(cache), store)).known_from


def test_a_metric_without_a_floor_and_without_earlier_cells_is_not_guessed(cache: Path, store: LocalStore) -> None:
    found = asked(planned(cache, decide={"metric": "test_nll"}), store)
    assert (found.foretold, found.detectable) == (None, None)
    assert found.sentences == (
        "What the seeds can detect is not known: no earlier cell of the same data and model is there.",
    )
