"""How long `seedwise run` takes to say that there is nothing to do, for a sweep whose cells are all finished.

    python benchmarks/resume.py --cells 1000 --home /tmp/resume
    python benchmarks/resume.py --cells 1000 --home /tmp/resume_s3 --store s3://bucket/prefix

The cells are those of the quickstart with more seeds. What they would have left is made up and stored as a worker
stores it, in seconds instead of hours; a first run compares all of it and records it in MLflow, and the runs after
it are timed. Where MLflow has not kept up by its end, the next ones record what it lacks, and say so.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch

from orchestrator.environment import cell_environment
from orchestrator.plan import Plan, PlannedCell, key_material, prepare_sweep
from orchestrator.store import CellStore, Home
from orchestrator.sweep_file import LoadedSweep, load_sweep
from trainables.classifier import CellOutcome, PartLogits
from trainables.records import CellResult, EpochRecord

TRAINED = ("train_loss", "train_accuracy", "gradient_norm", "learning_rate")
SCORES = ("loss", "accuracy", "auroc", "brier", "ece", "macro_f1", "nll", "nll_bits")
SEEDWISE = [sys.executable, "-c", "from orchestrator.cli import main; main()"]


def made_up(cell: PlannedCell, generator: np.random.Generator) -> tuple[list[EpochRecord], CellOutcome]:
    """What such a cell might have measured."""
    now, epochs = time.time(), cell.config.training.epochs
    history = []
    for epoch in range(1, epochs + 1):
        names = (*TRAINED, *(f"validation_{score}" for score in SCORES))
        metrics = {name: float(generator.random()) for name in names}
        timing = {"epoch_seconds": 1.0, "tokens_per_second": 1e5}
        history.append(EpochRecord(epoch=epoch, step=63 * epoch, metrics=metrics, timing=timing, measured_at=now))
    scores = {f"test_{score}": float(generator.normal(0.8, 0.02)) for score in SCORES}
    logits_NK = generator.standard_normal((500, 2)).astype(np.float32)
    part = PartLogits(np.arange(500), np.arange(500) % 2, logits_NK, logits_NK.astype(np.float64))
    result = CellResult(
        status="finished",
        epochs=epochs,
        final={**history[-1].metrics, **scores},
        best={"best_epoch": 1.0, "best_validation_accuracy": 0.8},
        model_facts={"parameters": 5e4, "live_tokens": 1200.0},
        measured_at=now,
    )
    weights = {"live_tokens": torch.arange(8), "head.weight": torch.zeros(2, 32)}
    return history, CellOutcome(result, {"validation": part, "test": part}, weights)


def store_finished(plan: Plan, cells: CellStore) -> None:
    """All that each cell of the plan leaves."""
    environment = cell_environment("cpu", 1)

    def store(cell: PlannedCell) -> None:
        history, outcome = made_up(cell, np.random.default_rng(cell.seed))
        cells.begin(cell.key, key_material(cell.config, cell.fingerprint))
        cells.add_session(cell.key, {"environment": environment, "epochs_done": 0, "at": time.time()})
        for record in history:
            cells.newest_try(cell.key).add_epoch(record)
        cells.newest_try(cell.key).finish(outcome)

    by_key = {cell.key: cell for cell in plan.cells}
    cells.of_each(by_key.keys() - cells.results(by_key).keys(), lambda key: store(by_key[key]))


def timed(*words: str) -> tuple[float, float, str]:
    """Seconds by the clock and of processor that a command takes, and what it says."""
    before = time.perf_counter()
    process = subprocess.Popen([*SEEDWISE, *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - before
    if status:
        raise SystemExit(said)
    return seconds, used.ru_utime + used.ru_stime, said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--store")
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    seeds = asked.cells // 2
    loaded: LoadedSweep = load_sweep("quickstart", set_=[f"seeds={seeds}"])
    home = Home.at(asked.home, asked.store)
    store_finished(prepare_sweep(loaded.spec, home.token_cache), CellStore(home.store()))
    words = ["run", "quickstart", "--set", f"seeds={seeds}", "--home", str(asked.home)]
    words += ["--store", asked.store] if asked.store else []
    print(f"{2 * seeds} finished cells in {home.store().url}")
    first, _, _ = timed(*words)
    print(f"first run, which records them: {first:.1f} s")
    for _ in range(asked.times):
        seconds, processor, said = timed(*words)
        assert f"{2 * seeds} of {2 * seeds} cells finished ({2 * seeds} before, 0 in the" in said, said
        what = "nothing to do but to record it" if "to do but to record it" in said else "nothing to do"
        print(f"{what}: {seconds:.2f} s, of which {processor:.2f} s on a processor")


if __name__ == "__main__":
    main()
