"""The sweep file's schema: what a sweep is.

In: the values of a sweep file. Out: a `SweepSpec`, whose `cells` are the work to do. A spec that exists is sound:
every cell's settings have been validated, the baseline is one of the arms, the deciding metric will be measured.
Files, lines and the command line are the business of `sweep_file.py`.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError, to_jsonable_python

from search_spaces.explain import FAULTS
from search_spaces.faults import Fault, FaultyError, dotted, shown, unknown
from search_spaces.space import Arm, Cell, arm_name, arms_called, expand_arms, expand_cells, value_name
from trainables.config import CellConfig
from trainables.data.sources import AnySource
from trainables.data.splits import SplitSettings
from trainables.data.tokens import TokenSettings
from trainables.evaluation import METRICS, SHARES
from trainables.losses import AnyLoss
from trainables.models import AnyModel, TransformerEncoder
from trainables.settings import Settings
from trainables.training import TrainingSettings

MOST_SEEDS = 10_000

DECIDING_METRICS: Mapping[str, Literal["maximize", "minimize"]] = {
    **{f"{part}_{name}": better for part in ("validation", "test") for name, better in METRICS.items()},
    "validation_loss": "minimize",
    "train_loss": "minimize",
    "train_accuracy": "maximize",
}
"""The final metrics of a cell that may decide, and which way is better."""


class Decision(Settings):
    """Which number the sweep is about. It is named before the first cell is trained."""

    metric: str = "validation_accuracy"
    """A final metric: of the last epoch, or of the test part under the last weights."""

    direction: Literal["maximize", "minimize"] = Field(
        default_factory=lambda given: DECIDING_METRICS.get(given.get("metric", ""), "maximize")
    )
    """Which way is better; follows from the metric, and need not be written."""

    margin: float | None = Field(default=None, gt=0)
    """A difference too small to matter, named before anything is trained: in points (hundredths) for accuracy,
    macro F1, AUROC and ECE, else in the metric's own unit. Without it no two arms are ever called equivalent."""

    pairs: Literal["baseline", "all"] = "baseline"
    """Which arms are held against each other: each against the baseline, or every one against every other."""


class Resources(Settings):
    """What one trial takes of the machine."""

    cpus: int = Field(default=1, ge=1)
    """Cores, and threads, of one trial. Several trials of one thread each beat one trial of several threads."""

    gpus: Literal["auto"] | Annotated[float, Field(ge=0, le=1)] = "auto"
    """The share of a card, at most a whole one: a cell trains on one. `auto` shares what cards there are, and is 0
    where there is none."""

    checkpoint_every_s: float = Field(default=0, ge=0)
    """Seconds between two checkpoints of a cell, where its epochs are shorter; 0 keeps one of each epoch. What a
    killed cell trains again is at most the longer of this and one epoch."""

    stop_within_s: float = Field(default=10, ge=10)
    """Seconds from a signal to the end of the run; in all but 6 of them the trials may leave a checkpoint. More, as
    far as whoever sends the signal waits, is of use where a step or the writing of a checkpoint takes seconds."""


def _check_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", name):
        raise ValueError(
            f"{name!r} cannot name a sweep; it must begin with a letter or a digit and have only letters, digits, "
            "_, . and - (at most 100)"
        )
    return name


def _check_seeds(seeds: Any) -> Any:
    """Said by hand, because a union of an integer and a list would report each branch."""
    listed = isinstance(seeds, list)
    for seed in seeds if listed else [seeds]:
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise ValueError(f"{shown(seed)} is not a whole number; give a number of seeds, or a list of seeds")
    if not listed and not 1 <= seeds <= MOST_SEEDS:
        raise ValueError(
            f"{seeds:,} seeds cannot be trained; the number must be at least 1 and at most {MOST_SEEDS:,}"
        )
    if listed and not 1 <= len(seeds) <= MOST_SEEDS:
        raise ValueError(f"the list has {len(seeds):,} seeds; it must have at least 1 and at most {MOST_SEEDS:,}")
    if listed and min(seeds) < 0:
        raise ValueError(f"{min(seeds)} cannot be a seed; a seed must be at least 0")
    if listed and len(set(seeds)) < len(seeds):
        repeated = sorted({seed for seed in seeds if seeds.count(seed) > 1})
        raise ValueError(f"{', '.join(map(str, repeated))} is there more than once; each seed is trained once")
    return seeds


def _has(arm: Arm, key: str, value: Any) -> bool:
    return key in arm.settings and bool(arms_called(value_name(value), [value_name(arm.settings[key])]))


class SweepSpec(Settings):
    """A set of cells, with a baseline arm and the metric that decides."""

    name: Annotated[str, AfterValidator(_check_name)]
    """What the sweep is called in the store, in MLflow and in the report; by default the file's name."""
    description: str = ""
    data: AnySource | None = None
    """Required, unless it is varied."""
    split: SplitSettings = SplitSettings()
    tokens: TokenSettings = TokenSettings()
    model: AnyModel = TransformerEncoder()
    loss: AnyLoss | None = None
    """Required, unless it is varied."""
    training: TrainingSettings = TrainingSettings()

    vary: Annotated[dict[str, list[Any]], AfterValidator(to_jsonable_python)] = {}
    """Dotted key → values. Every combination is an arm; what is said here replaces what is said above."""
    seeds: Annotated[int | list[int], BeforeValidator(_check_seeds)]
    """A number n, which means 0, 1, …, n − 1, or the seeds themselves."""
    baseline: str | dict[str, Any] | None = None
    """The arm that the others are compared with: its name, or its varied settings; the first arm by default."""
    decide: Decision = Decision()
    resources: Resources = Resources()

    @property
    def seed_list(self) -> tuple[int, ...]:
        return tuple(range(self.seeds)) if isinstance(self.seeds, int) else tuple(self.seeds)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """In the order of the sweep file, the last varied setting changing fastest."""
        return expand_arms(self.vary)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All arms of the first seed, then all of the next: the order in which they are trained."""
        return expand_cells(self.shared_settings, self.vary, self.seed_list)

    @property
    def baseline_arm(self) -> Arm:
        if self.baseline is None:
            return self.arms[0]
        (arm,) = self._arms_meant_by(self.baseline)
        return arm

    @property
    def shared_settings(self) -> dict[str, Any]:
        """What every arm begins from, complete, as JSON has it."""
        groups = set(CellConfig.model_fields) & set(SweepSpec.model_fields)
        dumped = self.model_dump(mode="json", include=groups)
        return {group: settings for group, settings in dumped.items() if settings is not None}

    @model_validator(mode="after")
    def _sound(self) -> Self:
        try:
            cells = self.cells
        except FaultyError as error:
            faults = list(error.faults)
        else:
            faults = [*self._baseline_faults(), *self._decision_faults(cells)]
        if faults:
            raise PydanticCustomError(
                FAULTS, "{said}", {"said": "; ".join(fault.text for fault in faults), FAULTS: faults}
            )
        return self

    def _arms_meant_by(self, baseline: str | dict[str, Any]) -> list[Arm]:
        if isinstance(baseline, str):
            names = arms_called(baseline, [arm.name for arm in self.arms])
            return [arm for arm in self.arms if arm.name in names]
        wanted = to_jsonable_python(baseline).items()
        return [arm for arm in self.arms if all(_has(arm, key, value) for key, value in wanted)]

    def _baseline_faults(self) -> list[Fault]:
        if self.baseline is None or len(meant := self._arms_meant_by(self.baseline)) == 1:
            return []
        said = self.baseline if isinstance(self.baseline, str) else arm_name(self.baseline)
        if not meant:
            text = f"baseline is {said!r}, which is not an arm{unknown(said, [arm.name for arm in self.arms])}"
        else:
            text = f"baseline is {said!r}, which {len(meant)} arms have; name one: " + "; ".join(
                arm.name for arm in meant
            )
        return [Fault(("baseline",), text)]

    def _decision_faults(self, cells: tuple[Cell, ...]) -> list[Fault]:
        metric, path = self.decide.metric, ("decide", "metric")
        if metric not in DECIDING_METRICS:
            return [
                Fault(
                    path, f"{dotted(path)} is {metric!r}, which is not measured{unknown(metric, DECIDING_METRICS)}"
                )
            ]
        if metric.startswith("test_") and any(cell.config.split.test is None for cell in cells):
            return [
                Fault(
                    path,
                    f"{dotted(path)} is {metric!r}, but there is no test part; set split.test, or decide by "
                    f"{metric.replace('test_', 'validation_')}",
                )
            ]
        if self.decide.direction != DECIDING_METRICS[metric]:
            better = "more" if DECIDING_METRICS[metric] == "maximize" else "less"
            return [
                Fault(
                    ("decide", "direction"),
                    f"decide.direction is {self.decide.direction}, but {better} {metric} is "
                    f"better; it must be {DECIDING_METRICS[metric]}, or be left out",
                )
            ]
        if metric.endswith(SHARES) and (margin := self.decide.margin or 0) > 100:
            text = f"decide.margin is {margin:g}, and no two values of {metric} differ by more than 100 points"
            return [Fault(("decide", "margin"), f"{text}; give a difference too small to matter, such as 0.5")]
        return []
