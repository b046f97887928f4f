"""What is read of each run, and which runs of two arms are held against each other."""

import numpy as np
import pandas as pd
import pytest

from orchestrator.compare.runs import ArmRuns, RunScores, score
from orchestrator.compare.samples import side_by_side


def predictions(labels: tuple[int, ...], first_row: int = 0) -> pd.DataFrame:
    """Sure of the second class by .8, then of the first by .6."""
    return pd.DataFrame(
        {
            "row": [first_row, first_row + 1],
            "label": labels,
            "log_probability_0": np.log([0.2, 0.6]),
            "log_probability_1": np.log([0.8, 0.4]),
        }
    )


def test_each_item_has_its_score_by_hand() -> None:
    found = score(predictions((1, 1)))
    assert found.predicted_N.tolist() == [1, 0]
    assert found.confidences_N == pytest.approx([0.8, 0.6])
    assert found.of_items["accuracy"].tolist() == [1, 0]
    assert found.of_items["nll"] == pytest.approx([-np.log(0.8), -np.log(0.4)])
    assert found.of_items["brier"] == pytest.approx([2 * 0.2**2, 2 * 0.6**2])


def test_items_are_the_same_by_their_rows_and_their_labels() -> None:
    first = score(predictions((1, 1))).items
    assert score(predictions((1, 1))).items == first
    assert first not in (score(predictions((1, 0))).items, score(predictions((1, 1), first_row=5)).items)


def arm(name: str, seeds: range, items: str = "the same") -> ArmRuns:
    none = np.empty(0)
    scores = {seed: RunScores(items, "", 2, none.astype(int), none, {}) for seed in seeds}
    return ArmRuns(name, frozenset(seeds), {seed: 0.1 * seed for seed in seeds}, frozenset(), scores)


def test_runs_of_one_seed_are_a_pair_where_they_are_judged_on_the_same_items() -> None:
    alike, unlike = (side_by_side(arm("a", range(5)), arm("b", range(5), of)) for of in ("the same", "others"))
    assert (alike.paired, alike.share_items) == (True, True)
    assert (unlike.paired, unlike.share_items) == (False, False)


def test_arms_of_other_seeds_are_two_samples_of_which_the_smaller_limits_what_is_said() -> None:
    found = side_by_side(arm("a", range(7)), arm("b", range(5)))
    assert (found.paired, found.fewest, [len(values) for values in found.values]) == (False, 5, [7, 5])
