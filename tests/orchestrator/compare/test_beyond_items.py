"""Whose spread is shown to be more than their items produce."""

from collections.abc import Sequence

import numpy as np
import pytest
from made_up_runs import EASE, look_at, of_items, runs

from orchestrator.compare import compare
from orchestrator.compare.beyond_items import beyond_items_withheld, judge_beyond_items
from orchestrator.compare.comparison import ArmState
from orchestrator.compare.metric import Metric
from orchestrator.compare.statistics.item_noise import ItemNoise, item_noise

ACCURACY = Metric.named("test_accuracy")
RNG = np.random.default_rng


def state(arm: str, noise: ItemNoise | None, stalled: int = 0) -> ArmState:
    n = 10 if noise is None else noise.n
    return ArmState(
        arm=arm,
        n=n,
        diverged=0,
        stalled=stalled,
        missing=0,
        divergence=None,
        mean=0.8,
        sd=0.01,
        item_noise=noise,
        churn=None,
        ece=None,
        ece_when_calibrated=None,
    )


def with_p(p: float | None, n: int = 10) -> ItemNoise:
    return ItemNoise(sd=0.01, floor=0.01, seed_variance=0.0, q=None, p=p, n=n, items=400)


def said(states: Sequence[ArmState], seeds: int = 10, planned: int = 10) -> list[tuple[str, float | None] | None]:
    judged = judge_beyond_items(states, ACCURACY, look_at(range(seeds), planned))
    return [(arm.verdicts[0].kind, arm.verdicts[0].p) if arm.verdicts else None for arm in judged]


def test_arms_that_are_tested_together_are_corrected_for_it() -> None:
    two = [state("a", with_p(0.02)), state("b", with_p(0.03))]
    assert said([two[1], state("untested", None)]) == [("BEYOND ITEMS", 0.03), None]
    assert said(two) == [("BEYOND ITEMS", 0.04), ("BEYOND ITEMS", 0.04)]
    assert said([*two, state("c", with_p(0.5))]) == [
        ("NOT BEYOND ITEMS", pytest.approx(0.06)),
        ("NOT BEYOND ITEMS", pytest.approx(0.06)),
        ("NOT BEYOND ITEMS", 0.5),
    ]


def test_of_one_arm_alone_nothing_is_said_for_looks_at_it_are_not_counted() -> None:
    alone = [state("a", with_p(1e-9))]
    assert said(alone) == [None]
    (why,) = beyond_items_withheld(alone, look_at(10, 10))
    assert why == "BEYOND ITEMS is said of arms that are compared, for looks at one arm alone are not counted."


def test_twelve_arms_that_only_their_items_move_are_rarely_called_uneven() -> None:
    """By Q alone, some arm of them would be in about every other sweep."""
    wrong = alone = 0
    for number in range(100):
        rng = RNG(number)
        noises = [item_noise(rng.random((10, 200)) < EASE[:200]) for _ in range(12)]
        found = said([state(str(place), noise) for place, noise in enumerate(noises)])
        wrong += any(verdict is not None and verdict[0] == "BEYOND ITEMS" for verdict in found)
        alone += any(noise.p is not None and noise.p < 0.05 for noise in noises)
    assert alone > 30
    assert wrong <= 11


def test_an_arm_that_is_not_tested_costs_the_others_nothing() -> None:
    """Too few runs, another metric, no disagreement, a stalled run."""
    untested = [state("few", with_p(0.5, n=9)), state("no items", None), state("stalled", with_p(1e-9), stalled=1)]
    same = state("same", with_p(None))
    assert said([state("a", with_p(0.03)), *untested, same]) == [
        ("BEYOND ITEMS", 0.03),
        None,
        None,
        None,
        ("NOT BEYOND ITEMS", None),
    ]


def test_nothing_is_said_after_another_look_than_the_planned_one() -> None:
    assert said([state(arm, with_p(1e-9)) for arm in "ab"], planned=5) == [None, None]


def test_why_it_is_withheld_is_said() -> None:
    uneven = runs(RNG(2), np.linspace(0.7, 0.9, 10), EASE)
    found = compare(of_items({"a": uneven, "b": uneven}, planned=5))
    assert found.arms[0].verdicts == ()
    assert "BEYOND ITEMS is withheld: no test of spread here may be looked at more than once." in found.notes
    stalled = [*uneven, np.arange(400) % 2 == 0]
    found = compare(of_items({"a": stalled, "b": stalled}))
    assert found.arms[0].verdicts == ()
    assert "a: BEYOND ITEMS is withheld, for a stalled run is in its spread." in found.notes
    missing = compare(of_items({"a": [*uneven, "new"], "b": uneven}, planned=5))
    assert not any("BEYOND ITEMS" in note for note in missing.notes)


@pytest.mark.parametrize("planned", [5, 10])
def test_it_is_withheld_only_from_arms_that_could_have_had_it(planned: int) -> None:
    look = look_at(range(10), planned)
    few = [state("few", with_p(0.5, n=9), stalled=1), state("no items", None, stalled=1)]
    assert beyond_items_withheld(few, look) == ()
    said = beyond_items_withheld([*few, state("a", with_p(0.03)), state("b", with_p(0.03), stalled=1)], look)
    (note,) = said
    assert note.startswith("b: BEYOND" if planned == 10 else "BEYOND ITEMS is withheld: no test of spread")
