"""What a run proposes for the question that it has left open."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from stored import APART, store_sweep

from orchestrator.cli.next_steps import Help
from orchestrator.cli.what_helps import next_name, what_helps
from orchestrator.compare import Comparison, compare
from orchestrator.compare.seeds_asked import Families, families_of
from orchestrator.compare.statistics.power import Design
from orchestrator.results import ResultTable
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.notes import Notes
from orchestrator.store.question import Question

NEAR = {"loss=a": [0.80, 0.81, 0.82, 0.80, 0.815], "loss=b": [0.81, 0.80, 0.83, 0.79, 0.82]}
FEW = {arm: ends[:3] for arm, ends in NEAR.items()}


def stored(home: Path, arms: Mapping[str, Sequence[float]], margin: float | None) -> tuple[Comparison, ResultTable]:
    store_sweep(home, "x", arms, margin=margin)
    table = ResultTable.open("x", home)
    return compare(table), table


def without_luck_of_items(comparison: Comparison) -> Comparison:
    """Of which 300 have much."""
    (pair,) = comparison.pairs
    assert pair.numbers is not None
    numbers = replace(pair.numbers, design=Design(0.011, paired=True))
    return replace(comparison, pairs=(replace(pair, numbers=numbers),))


def fresh(first: int, end: int, purpose: str, name: str = "x_2") -> Help:
    seeds = ",".join(map(str, range(first, end)))
    return Help(words=("--set", f"name={name}", "--set", f"seeds=[{seeds}]"), purpose=purpose)


def needed(comparison: Comparison, margin: float) -> tuple[int, int]:
    ahead: Families = families_of(comparison)
    numbers = comparison.pairs[0].numbers
    assert numbers is not None
    found = [family.seeds_for(margin, numbers.design).to_settle for family in (ahead.fresh, ahead.grown)]
    return found[0] or 0, found[1] or 0


@pytest.mark.parametrize(
    ("arms", "margin"), [(APART, None), (NEAR, 30.0), (NEAR, 0.01), ({"loss=a": NEAR["loss=a"]}, None)]
)
def test_nothing_is_proposed_where_all_is_settled_or_nothing_can_be(
    arms: Mapping[str, Sequence[float]], margin: float | None, new_home: Path
) -> None:
    """BETTER; EQUIVALENT; what thousands of seeds would settle; one arm."""
    assert what_helps(*stored(new_home, arms, margin)) is None


@pytest.mark.parametrize(
    ("arms", "proposed"),
    [
        (NEAR, fresh(5, 15, "train fresh seeds, twice as many")),
        (FEW, fresh(3, 13, "train fresh seeds, enough for every verdict")),
    ],
)
def test_without_a_margin_twice_the_seeds_are_proposed_and_for_too_few_what_all_verdicts_need(
    arms: Mapping[str, Sequence[float]], proposed: Help, new_home: Path
) -> None:
    assert what_helps(*stored(new_home, arms, None)) == proposed


def test_a_margin_asks_for_as_many_fresh_seeds_as_it_needs_under_a_name_that_is_free(new_home: Path) -> None:
    comparison, table = stored(new_home, NEAR, 1.0)
    comparison = without_luck_of_items(comparison)
    (count, grown), purpose = needed(comparison, 0.01), "train as many fresh seeds as the margin needs"
    assert 5 < count < grown - 5
    assert what_helps(comparison, table) == fresh(5, 5 + count, purpose)
    judged = NotedLook("other", (3, 11), Question(frozenset(), "m", None), plain=True)
    table.cells.store.replace("sweeps/x_2/plan.json", b"{}")
    with_look = replace(table, notes=replace(table.notes, looks=(judged,)))
    assert what_helps(comparison, with_look) == fresh(12, 12 + count, purpose, "x_3")
    planned = replace(table.notes.plans[0], seeds=(20,))
    with_plan = replace(table, notes=Notes((*table.notes.plans, planned)))
    assert what_helps(comparison, with_plan) == fresh(21, 21 + count, purpose, "x_3")


def test_a_sweep_grows_where_fewer_seeds_are_to_be_added_than_a_fresh_one_needs(new_home: Path) -> None:
    comparison, table = stored(new_home, NEAR, 1.0)
    comparison = without_luck_of_items(comparison)
    count, grown = needed(comparison, 0.01)
    table.plan["seeds"] = list(range(grown - count + 1))
    words = ("--seeds", str(grown))
    assert what_helps(comparison, table) == Help(words=words, purpose="train as many seeds as the margin needs")
    table.plan["seeds"] = list(range(1, grown - count + 2))  # which no number of seeds means
    proposed = what_helps(comparison, table)
    assert proposed is not None
    assert proposed.words[1] == "name=x_2"


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [("a", [], "a_2"), ("a_2", ["a", "a_2"], "a_3"), ("a", ["a_2", "a_3"], "a_4"), ("imdb_2019", [], "imdb_2020")],
)
def test_the_next_name_is_one_that_is_free(name: str, known: list[str], expected: str) -> None:
    assert next_name(name, known) == expected
