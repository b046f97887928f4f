"""Why resume does not rest on Ray Tune's own experiment state (docs/decisions/0001)."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from pathlib import Path
import orchestrator.run.cluster as cluster
from ray import tune

storage, log, mode = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]

class Counted(tune.Trainable):
    def setup(self, config):
        self.cell = config["cell"]
    def step(self):
        with log.open("a") as file:
            file.write(f"{self.cell}\\n")
        return {"done": True}
    def save_checkpoint(self, folder):
        return {}
    def load_checkpoint(self, state):
        pass

space = {"cell": tune.grid_search([0, 1])}
with cluster.running_ray(None, storage / "ray.log"):
    if mode == "start":
        tuner = tune.Tuner(
            Counted,
            param_space=space,
            run_config=tune.RunConfig(name="sweep", storage_path=str(storage), verbose=0),
        )
    else:
        for state in (storage / "sweep").glob("experiment_state*.json"):
            state.unlink()
        assert tune.Tuner.can_restore(str(storage / "sweep"))
        tuner = tune.Tuner.restore(str(storage / "sweep"), trainable=Counted, param_space=space)
    assert not tuner.fit().errors
"""


@pytest.mark.campaign
def test_tuner_restore_trains_finished_trials_again_when_its_state_file_is_gone(tmp_path: Path):
    """It finds itself able to restore, raises nothing, and starts the grid over."""
    log = tmp_path / "trained.txt"
    for mode in ("start", "restore"):
        subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path), str(log), mode], check=True)
    assert sorted(log.read_text().split()) == ["0", "0", "1", "1"]
