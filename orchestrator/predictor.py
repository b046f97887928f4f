"""The classifier of a sweep's arm and seed, out of the store."""

from difflib import get_close_matches

from orchestrator.results import ResultTable
from orchestrator.store.sweeps import class_names
from search_spaces.space import arms_called
from trainables.errors import UserError
from trainables.prediction import Predictor


def load_predictor(table: ResultTable, arm: str | None, seed: int | None) -> Predictor:
    """The finished cell of that arm (default: the baseline) and seed (default: the lowest finished one)."""
    wanted = table.baseline if arm is None else arm
    # `binary_cross_entropy` is short for `loss=binary_cross_entropy` where only one arm has it.
    short = [name for name in table.arms if wanted in name.replace(", ", "=").split("=")]
    meant = arms_called(wanted, table.arms) or short
    if len(meant) != 1:
        near = get_close_matches(wanted, table.arms, n=1, cutoff=0.4)
        arms = f"its arms: {'; '.join(table.arms)}"
        hint = f"did you mean {near[0]!r}? ({arms})" if near else arms
        raise UserError(f"{table.name} has no arm {wanted!r}; {hint}")
    (wanted,) = meant
    finished = table.frame[(table.frame["arm"] == wanted) & (table.frame["status"] == "finished")]
    seeds = sorted(finished["seed"])
    if seed is None and seeds:
        seed = int(seeds[0])
    if seed not in seeds:
        there = f"seeds {', '.join(map(str, seeds))} are" if seeds else "none is"
        which = "any seed" if seed is None else f"seed {seed}"
        raise UserError(
            f"{wanted} has no finished cell of {which} ({there}); the command that ran the sweep goes on with it"
        )
    key = str(finished.loc[finished["seed"] == seed, "key"].iloc[0])
    settings, stored = table.cells.settings(key), table.cells.result(key)
    if settings is None or stored is None:
        raise UserError(f"the record of cell {key} is damaged; the command that ran the sweep makes it anew")
    return Predictor.from_cell(
        settings,
        table.cells.weights(key),
        class_names(table.plan, wanted),
        stored.result.model_facts["untouched_shrinkage"],
    )
