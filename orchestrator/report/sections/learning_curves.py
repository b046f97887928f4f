"""Accuracy by epoch: all runs of each arm, then the best run of each arm alone."""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from orchestrator.report.content import Picture, Section
from orchestrator.report.figures import Curve, SingleRun, best_runs, learning_curves
from orchestrator.report.material import Material

PARTS = ("train", "validation")


def section(material: Material) -> Section | None:
    """None without a finished cell."""
    curves, best = compute_curves(material), compute_best(material)
    if not curves:
        return None
    return Section(
        name="learning_curves",
        heading="Learning curves",
        sees=(
            "A curve that still rises at its end may gain by more epochs; a validation curve that falls while "
            "training rises shows that the arm learns its training texts by heart."
        ),
        parts=(
            Picture("learning_curves", sentence(curves), lambda: learning_curves(curves, material.styles)),
            Picture("best_runs", best_sentence(best), lambda: best_runs(best, material.styles)),
        ),
        numbers={
            "mean_by_epoch": [
                {
                    "arm": curve.arm,
                    "part": curve.part,
                    "epochs": curve.epochs_E.tolist(),
                    "mean": curve.mean_E.tolist(),
                    "half_width_of_the_95_percent_interval": curve.reach_E.tolist(),
                }
                for curve in curves
            ],
            "best_runs": [{"arm": run.arm, "seed": run.seed} for run in best],
        },
    )


def compute_curves(material: Material) -> list[Curve]:
    """Of every arm that has an epoch, its runs and their mean by epoch, by Student's t."""
    histories = material.table.histories
    found = []
    for part in PARTS:
        for arm in material.arms:
            runs = histories[histories["arm"] == arm]
            by_epoch = runs.pivot(index="epoch", columns="seed", values=f"{part}_accuracy")
            runs_SE = by_epoch.to_numpy(float).T
            found.append(_curve(arm, part, by_epoch.index.to_numpy(float), runs_SE))
    return found


def _curve(arm: str, part: str, epochs_E: np.ndarray, runs_SE: np.ndarray) -> Curve:
    n_E = np.isfinite(runs_SE).sum(0)
    with warnings.catch_warnings():  # of an epoch that one run alone has come to
        warnings.simplefilter("ignore", RuntimeWarning)
        mean_E, sd_E = np.nanmean(runs_SE, axis=0), np.nanstd(runs_SE, axis=0, ddof=1)
    reach_E = np.where(n_E > 1, stats.t.isf(0.025, np.maximum(n_E - 1, 1)) * sd_E / np.sqrt(n_E), np.nan)
    return Curve(arm, part, epochs_E, runs_SE, mean_E, reach_E)


def compute_best(material: Material) -> list[SingleRun]:
    """Of each arm the run that ends with the highest validation accuracy, as papers show it."""
    histories, found = material.table.histories, []
    for arm in material.arms:
        own = material.finished[material.finished["arm"] == arm]
        seed = int(own["seed"].iloc[int(own["validation_accuracy"].argmax())])
        run: pd.DataFrame = histories[(histories["arm"] == arm) & (histories["seed"] == seed)]
        epochs_E, train_E, validation_E = (
            run[name].to_numpy(float) for name in ("epoch", "train_accuracy", "validation_accuracy")
        )
        found.append(SingleRun(arm, seed, epochs_E, train_E, validation_E))
    return found


def sentence(curves: Sequence[Curve]) -> str:
    """Where the validation means are highest, and how far from them training ends."""
    said = []
    trained = {curve.arm: curve for curve in curves if curve.part == "train"}
    for curve in (curve for curve in curves if curve.part == "validation"):
        if not len(curve.epochs_E):
            continue
        top = int(np.nanargmax(curve.mean_E))
        last = len(curve.epochs_E) - 1
        gap = 100 * (trained[curve.arm].mean_E[last] - curve.mean_E[last])
        where = "after the last epoch" if top == last else f"after epoch {curve.epochs_E[top]:.0f} of {last + 1}"
        side = "higher" if gap >= 0 else "lower"
        said.append(
            f"{curve.arm} is highest on validation {where}, and ends {abs(gap):.1f} points {side} in training"
        )
    listed = "; ".join(said[:4]) + (f"; and {len(said) - 4} more" if len(said) > 4 else "")
    return (
        f"{listed}. Thin lines are single runs, thick ones their mean, and the shade its 95% interval, where there "
        "are two runs; training accuracy is taken while learning."
        + (" Where runs ended early, the mean after that is of the others." if any(map(_thins, curves)) else "")
    )


def best_sentence(best: Sequence[SingleRun]) -> str:
    picked = ", ".join(f"seed {run.seed} of {run.arm}" for run in best[:4])
    more = f" and {len(best) - 4} more" if len(best) > 4 else ""
    return (
        f"The run of each arm that ended highest on validation: {picked}{more}. It was picked for its luck as much "
        "as for its merit, and nothing is concluded from it."
    )


def _thins(curve: Curve) -> bool:
    """Whether not all runs came to the last epoch: some diverged, or are under way."""
    return not bool(np.isfinite(curve.runs_SE).all())
