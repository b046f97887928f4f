"""What `plan` says of the power of a sweep."""

import math
from pathlib import Path

import pytest
from earlier_runs import SPEC, asked, finish, known, planned

from orchestrator.compare.looks.asked import asked_of, planned_by, planned_pairs
from orchestrator.compare.seeds_asked import GROWN_LEVEL, Family
from orchestrator.compare.statistics.power import Design, detectable
from orchestrator.plan import key_material
from orchestrator.plan.foretold import ASSUMED_ERROR
from orchestrator.plan.precision import Precision
from orchestrator.store import CellStore, LocalStore, SweepStore


def test_without_earlier_cells_the_spread_is_about_what_the_items_of_calibrated_arms_produce(
    cache: Path, store: LocalStore
) -> None:
    found = asked(planned(cache), store)
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


def test_enough_seeds_for_the_margin_are_no_warning(cache: Path, store: LocalStore) -> None:
    needed = asked(planned(cache), store).seeds_for_margin
    assert needed is not None
    assert asked(planned(cache, seeds=needed), store).warning == ""
    assert asked(planned(cache, seeds=needed - 1), store).warning != ""


def test_one_arm_is_not_spoken_of_as_two(cache: Path, store: LocalStore) -> None:
    found = asked(planned(cache, vary={"loss": ["cross_entropy"]}), store)
    run, alone = found.sentences
    assert run.startswith("Spread of a run: sd ")
    assert alone == "There is one arm, and so nothing to compare it with: `vary` gives a setting its other values."
    assert (found.detectable, found.asked, found.warning) == (None, None, "")


def test_too_few_seeds_for_any_verdict_are_a_warning(cache: Path, store: LocalStore) -> None:
    decide = {"metric": "test_accuracy"}
    found = asked(planned(cache, seeds=4, decide=decide), store)
    assert found.warning == "4 seeds are too few for a verdict, which needs 5."
    assert found.margin is None
    assert asked(planned(cache, seeds=5, decide=decide), store).warning == ""
    one = asked(planned(cache, seeds=1, decide=decide), store)
    assert one.detectable is None
    assert one.warning == "1 seed is too few for a verdict, which needs 5."


def test_a_wide_margin_asks_for_no_fewer_seeds_than_a_verdict_needs(cache: Path, store: LocalStore) -> None:
    found = asked(planned(cache, seeds=3, decide={"metric": "test_accuracy", "margin": 40.0}), store)
    assert (found.seeds_for_margin, found.detectable) == (5, None)
    assert not any("3 seeds an arm can detect" in sentence for sentence in found.sentences)
    assert found.warning == "3 seeds cannot settle a margin of 40 points: it asks for about 5."


def test_where_others_are_planned_of_the_same_runs_it_is_told_that_they_share_the_level(
    cache: Path, store: LocalStore
) -> None:
    decide = {"metric": "test_accuracy"}
    alone = asked(planned(cache, seeds=5, decide=decide), store)
    SweepStore(store).note_plan(planned_by(planned(cache, name="other", seeds=6, decide=decide).stored()))
    found = asked(planned(cache, seeds=5, decide=decide), store)
    told = (
        "2 questions to some of these runs were planned together, and share the level: each p must be under 0.0225."
    )
    assert (told in found.sentences, told in alone.sentences) == (True, False)
    assert found.detectable is not None
    assert alone.detectable is not None
    assert found.detectable > alone.detectable
    assert known(found).design == known(alone).design


def test_seeds_other_than_those_planned_or_judged_are_told_what_verdict_they_will_get(
    cache: Path, store: LocalStore
) -> None:
    sweeps, name = SweepStore(store), SPEC["name"]
    decide = {"metric": "test_accuracy", "margin": 20.0}
    plan = planned(cache, seeds=5, decide=decide)
    sweeps.note_plan(planned_by(plan.stored()))
    finish(plan, store, name)
    for cell in plan.cells:
        CellStore(store).begin(cell.key, key_material(cell.config, cell.fingerprint))
    for look in asked_of(plan.stored(), planned_pairs(plan.stored())).looks(plain=True):
        sweeps.add_look(look)

    def told(seeds: int | list[int]) -> tuple[Precision, str]:
        found = asked(planned(cache, seeds=seeds, decide=decide), store)
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
    assert asked(planned(cache, **others), store).detectable is not None, "of other arms"


def test_too_few_seeds_for_any_verdict_at_a_look_that_was_not_planned_are_a_warning(
    cache: Path, store: LocalStore
) -> None:
    """Five were planned and judged; with one more nothing can be found, however large."""
    decide = {"metric": "test_accuracy"}
    plan = planned(cache, seeds=5, decide=decide)
    sweeps = SweepStore(store)
    sweeps.note_plan(planned_by(plan.stored()))
    for look in asked_of(plan.stored(), planned_pairs(plan.stored())).looks(plain=True):
        sweeps.add_look(look)
    found = asked(planned(cache, seeds=6, decide=decide), store)
    assert found.detectable == math.inf
    assert "6 seeds an arm can detect no difference there can be at 80% power." in found.sentences
    assert found.warning == "6 seeds are too few for a verdict at a look that was not planned."


def test_what_is_foretold_is_for_as_many_pairs_as_there_are_arms_beside_the_baseline(
    cache: Path, store: LocalStore
) -> None:
    losses = SPEC["vary"]["loss"]
    found = asked(planned(cache, vary={"loss": losses, "training.batch_size": [16, 32]}), store)
    design = known(found).design
    assert found.detectable == detectable(5, design, level=Family(3).first_level(5))
    assert found.asked == Family(3).seeds_for(0.02, design)
