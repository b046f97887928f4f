"""What `plan` says of the power of a sweep."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orchestrator.compare.power import Design, detectable, seeds_needed, upper_sd
from orchestrator.plan import Plan, key_material, prepare_sweep
from orchestrator.plan.precision import ASSUMED_ERROR, Precision, precision
from orchestrator.spec import SweepSpec
from orchestrator.store import CellStore, LocalStore, SweepStore
from trainables.classifier import CellOutcome
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
        cells.finish(cell.key, CellOutcome(result, {}, {}))


def test_without_earlier_cells_the_floor_is_what_the_items_produce(tmp_path: Path, store: LocalStore) -> None:
    found = asked(planned(tmp_path), store)
    sd = math.sqrt(ASSUMED_ERROR / (2 * 100))
    assert found.sd == pytest.approx(sd)
    assert found.detectable == pytest.approx(detectable(5, Design(sd)))
    assert found.seeds_for_margin == seeds_needed(0.02, Design(sd), level=0.025)  # STEADIER's test is another
    assert "no less than what 100 items alone produce at an error of 15%" in found.sentences[0]
    assert found.sentences[1].endswith("at 80% power, at best.")
    assert found.warning == (
        f"5 seeds cannot settle a margin of 2 points: it asks for at least {found.seeds_for_margin}."
    )


def test_earlier_cells_of_the_same_data_and_model_say_more(tmp_path: Path, store: LocalStore) -> None:
    """Other losses, other training: the spread is taken over."""
    finish(planned(tmp_path, training={"epochs": 3}), store, "earlier")
    found = asked(planned(tmp_path), store)
    assert found.sd == pytest.approx(upper_sd(float(np.std(EARLIER, ddof=1)), 3))
    assert found.known_from == "the upper 80% bound from 4 earlier runs of the same data and model"
    assert "at best" not in " ".join(found.sentences)


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
    assert "earlier runs" not in asked(planned(tmp_path), store).known_from


def test_the_same_cells_in_two_sweeps_count_once(tmp_path: Path, store: LocalStore) -> None:
    for name in ("earlier", "again"):
        finish(planned(tmp_path), store, name)
    assert "from 4 earlier runs" in asked(planned(tmp_path), store).known_from


def test_enough_seeds_for_the_margin_are_no_warning(tmp_path: Path, store: LocalStore) -> None:
    needed = asked(planned(tmp_path), store).seeds_for_margin
    assert needed is not None
    assert asked(planned(tmp_path, seeds=needed), store).warning == ""
    assert asked(planned(tmp_path, seeds=needed - 1), store).warning != ""


def test_too_few_seeds_for_any_verdict_are_a_warning(tmp_path: Path, store: LocalStore) -> None:
    decide = {"metric": "test_accuracy"}
    found = asked(planned(tmp_path, seeds=4, decide=decide), store)
    assert found.warning == "4 seeds are too few for a verdict, which needs 5."
    assert found.margin is None
    assert asked(planned(tmp_path, seeds=5, decide=decide), store).warning == ""
    assert asked(planned(tmp_path, seeds=1, decide=decide), store).detectable is None


def test_a_metric_without_a_floor_and_without_earlier_cells_is_not_guessed(
    tmp_path: Path, store: LocalStore
) -> None:
    found = asked(planned(tmp_path, decide={"metric": "test_nll"}), store)
    assert (found.sd, found.detectable) == (None, None)
    assert found.sentences == (
        "What the seeds can detect is not known: no earlier cell of the same data and model is there.",
    )
