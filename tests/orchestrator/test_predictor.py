"""Which cell of a sweep predicts: by arm and seed, with errors that name what is there."""

import re
from pathlib import Path

import numpy as np
import pytest

from orchestrator.plan import Plan, key_material, prepare_sweep
from orchestrator.predictor import load_predictor
from orchestrator.results import ResultTable
from orchestrator.run.cell_work import CellWork
from orchestrator.spec import SweepSpec
from orchestrator.store import CellStore, Home, SweepStore
from orchestrator.store.cell_paths import CellPaths
from trainables.errors import UserError

ARMS = ("loss=cross_entropy", "loss=binary_cross_entropy")
TEXTS = ["The acting is wonderful.", "A dull, dreadful film."]


class TrainedSweep:
    """A home in which the first arm's seeds 1 and 2 are finished, and nothing else is."""

    def __init__(self, root: Path):
        spec = SweepSpec.model_validate(
            {
                "name": "small",
                "data": {"source": "synthetic", "train_rows": 32, "test_rows": 20, "median_words": 20},
                "split": {"validation": {"of": "test", "size": 10}},
                "model": {"name": "bag_of_embeddings", "width": 2},
                "training": {"epochs": 1},
                "vary": {"loss": ["cross_entropy", "binary_cross_entropy"]},
                "seeds": 3,
            }
        )
        self.home = Home.at(root)
        self.cells = CellStore(self.home.store())
        plan: Plan = prepare_sweep(spec, self.home.token_cache)
        SweepStore(self.home.store()).save("small", plan.stored(), "")
        self.keys = {(cell.arm, cell.seed): cell.key for cell in plan.cells}
        for cell in plan.cells:
            if cell.arm == ARMS[0] and cell.seed in (1, 2):
                self.cells.begin(cell.key, key_material(cell.config, cell.fingerprint))
                corpus = plan.corpora[cell.corpus]
                work = CellWork(cell.key, cell.config, corpus, self.home.store(), device="cpu", threads=1)
                assert work.step().status == "finished"
                work.close()

    def table(self) -> ResultTable:
        return ResultTable.open("small", self.home.root)


@pytest.fixture
def sweep(tmp_path: Path) -> TrainedSweep:
    return TrainedSweep(tmp_path / "home")


def test_the_baseline_and_the_lowest_finished_seed_are_taken_unless_others_are_named(sweep: TrainedSweep) -> None:
    table = sweep.table()
    default = load_predictor(table, None, None).probabilities(TEXTS)
    assert np.array_equal(default, load_predictor(table, ARMS[0], 1).probabilities(TEXTS))
    assert not np.allclose(default, load_predictor(table, None, 2).probabilities(TEXTS), atol=1e-9)
    # An arm may be said by its value alone, and with other spaces.
    for said in ("cross_entropy", "loss = cross_entropy"):
        assert np.array_equal(default, load_predictor(table, said, None).probabilities(TEXTS))
    assert load_predictor(table, None, None).class_names == ("negative", "positive")


def test_the_classes_are_those_of_the_arm(sweep: TrainedSweep) -> None:
    table = sweep.table()
    table.plan["arms"][0]["class_names"] = ["bad", "good"]
    assert load_predictor(table, None, None).class_names == ("bad", "good")


@pytest.mark.parametrize(
    ("arm", "seed", "message"),
    [
        (None, 0, "loss=cross_entropy has no finished cell of seed 0 (seeds 1, 2 are)"),
        ("binary_cross_entropy", None, "loss=binary_cross_entropy has no finished cell of any seed (none is)"),
        ("binary_cross_entropy", 7, "loss=binary_cross_entropy has no finished cell of seed 7 (none is)"),
        ("loss=cros_entropy", None, "small has no arm 'loss=cros_entropy'; did you mean 'loss=cross_entropy'?"),
        ("", None, "has no arm ''; its arms"),
        ("focal", None, "has no arm 'focal'; its arms: loss=cross_entropy; loss=binary_cross_entropy"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(
    arm: str | None, seed: int | None, message: str, sweep: TrainedSweep
) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        load_predictor(sweep.table(), arm, seed)


@pytest.mark.parametrize("record", ["settings", "weights"])
def test_a_damaged_record_is_a_users_error_with_the_remedy(record: str, sweep: TrainedSweep) -> None:
    table, key = sweep.table(), sweep.keys[ARMS[0], 1]
    stored = sweep.cells.result(key)
    assert stored is not None
    paths = CellPaths(key)
    names = {"settings": paths.settings, "weights": f"{paths.files}/{stored.files['weights'].name}"}
    sweep.cells.store.replace(names[record], b"damaged")
    remedies = {
        "settings": "the command that ran the sweep makes it anew",
        "weights": "the command that ran the sweep trains the cell again",
    }
    with pytest.raises(UserError, match=remedies[record]):
        load_predictor(table, None, None)
