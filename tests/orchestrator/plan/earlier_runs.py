"""A sweep that is planned, and runs of the past that may say how its own will spread."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from orchestrator.plan import Plan, key_material, prepare_sweep
from orchestrator.plan.foretold import Foretold
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


def planned(cache: Path, **changed: Any) -> Plan:
    return prepare_sweep(SweepSpec.model_validate(SPEC | changed), cache)


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
