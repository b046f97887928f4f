"""What the planned seeds can settle, before launch: the smallest difference that they find, and the seeds that the
sweep's margin asks for. By the procedure that will judge: in pairs by seed, by the tests and the level of the look
that it will be.
"""

import math
from dataclasses import dataclass, replace

from orchestrator.compare.looks.asked import asked_of, planned_pairs
from orchestrator.compare.looks.look import Look, judge_look
from orchestrator.compare.looks.same_arms import with_other_seeds
from orchestrator.compare.metric import Metric, is_share
from orchestrator.compare.seeds_asked import Family, SeedsAsked, families
from orchestrator.compare.statistics.power import FEWEST_FOR_A_DIFFERENCE, Design
from orchestrator.compare.verdicts import about, level_is_shared
from orchestrator.plan.choice import to_be_noted
from orchestrator.plan.foretold import Foretold, foretold
from orchestrator.plan.identity import key_material
from orchestrator.plan.plan import Plan
from orchestrator.store import CellStore, SweepStore
from orchestrator.store.seen_cells import SeenCells


@dataclass(frozen=True)
class Precision:
    """In the deciding metric's own scale."""

    foretold: Foretold | None
    """How runs will spread; None where nothing is known of it."""
    seeds: int
    detectable: float | None
    """At 80 % power, by the paired test at the level that the first of the sweep's tests must reach. Infinite where
    no difference is; None with fewer seeds than a verdict needs, and where there will be none."""
    margin: float | None
    asked: SeedsAsked | None
    """By the margin, at the look that it will be; at that of a fresh sweep where there will be no verdict."""
    seeds_for_margin: int | None
    """For either answer; None also where no number of seeds has it."""
    sentences: tuple[str, ...]
    warning: str
    """Why the planned seeds cannot settle what the sweep asks; empty if they can."""


def precision(plan: Plan, cells: CellStore, sweeps: SweepStore) -> Precision:
    """Of comparing two arms of the plan."""
    decide, seeds = plan.spec.decide, len(plan.spec.seed_list)
    metric = Metric(decide.metric, decide.direction == "maximize")
    margin = None if decide.margin is None else decide.margin / metric.scale
    known = foretold(plan, metric, cells, sweeps)
    if known is None:
        sentence = "What the seeds can detect is not known: no earlier cell of the same data and model is there."
        return Precision(None, seeds, None, margin, None, None, (sentence,), _too_few(seeds))
    if len(plan.spec.arms) == 1:
        alone = "There is one arm, and so nothing to compare it with: `vary` gives a setting its other values."
        return Precision(known, seeds, None, margin, None, None, (_run_said(known, metric), alone), "")
    pairs = planned_pairs(plan.stored())
    look = _look(plan, cells, sweeps)
    ahead = families(look, max(1, len(pairs)), len(plan.spec.arms))
    by = ahead.fresh if look.withheld else ahead.now
    enough = seeds >= FEWEST_FOR_A_DIFFERENCE and not look.withheld
    found = by.detectable(seeds, known.design) if enough else None
    sentences, warning = [*_spread_said(known, metric)], _too_few(seeds)
    if found is not None:
        sentences.append(f"{seeds} seeds an arm can detect {_detectable_said(found, metric)} at 80% power.")
    if look.withheld:
        sentences.append(f"There will be no verdict on these seeds: {look.withheld}.")
        warning = "There will be no verdict on these seeds."
    elif look.anytime:
        sentences.append(_anytime_said(look, seeds, known.design, ahead.fresh, metric))
    elif look.sharing > 1:
        sentences.append(level_is_shared(look))
    if found is not None and math.isinf(found):
        warning = f"{_seeds(seeds)} are too few for a verdict at a look that was not planned."
    asked = None
    if margin is not None:
        asked = by.seeds_for(margin, known.design)
        other = (ahead.fresh if look.anytime else ahead.grown).seeds_for(margin, known.design)
        said = f"{margin * metric.scale:g} {metric.unit}"
        sentences.append(_margin_said(asked, other, said, look))
        if not look.withheld and (asked.to_settle is None or asked.to_settle > seeds):
            warning = f"{_seeds(seeds)} cannot settle a margin of {said}: it asks for {about(asked.to_settle)}."
    needed = None if asked is None else asked.to_settle
    return Precision(known, seeds, found, margin, asked, needed, tuple(sentences), warning)


def _look(plan: Plan, cells: CellStore, sweeps: SweepStore) -> Look:
    """The one that the sweep will be judged by."""
    notes, there, stored = sweeps.notes(), SeenCells(cells.store), plan.stored()
    if (planned := to_be_noted(plan, notes, there, cells, sweeps)) is not None:
        notes = replace(notes, plans=(*notes.plans, planned))
    tries = there.tries([cell.key for cell in plan.cells])
    pairs = planned_pairs(stored)
    settings = {cell.arm: key_material(cell.config, cell.fingerprint) for cell in plan.cells}
    return judge_look(with_other_seeds(asked_of(stored, pairs, tries), notes.looks, pairs, settings, cells), notes)


def _run_said(known: Foretold, metric: Metric) -> str:
    return f"Spread of a run: sd {metric.said(known.sd)} {metric.unit}, {known.known_from}."


def _spread_said(known: Foretold, metric: Metric) -> list[str]:
    said = [_run_said(known, metric)]
    apart = f"sd {metric.said(known.difference_sd)} {metric.unit}"
    if known.pairs:
        said.append(
            f"Two arms are compared within a seed: there they differ by {apart}, the upper 80% bound from "
            f"{known.pairs} earlier pairs of runs."
        )
    else:
        said.append(
            f"Two arms are compared within a seed: there they are taken to differ by {apart}, as if their runs had "
            "nothing in common. Where runs of one seed do better or worse together, fewer seeds are enough."
        )
    if known.overlap:
        said.append(
            "Each seed draws a split of its own, and training parts overlap: that part of the luck no number of "
            "seeds takes away."
        )
    elif known.item_variance is not None:
        by_items = metric.said(known.item_variance**0.5)
        said.append(
            f"Which items there are adds sd {by_items} {metric.unit} to a difference, which no number of seeds "
            "takes away."
        )
    elif metric.of_items:
        said.append(
            "What the luck in which items there are adds is not known before two arms are trained, and not in "
            "these numbers: more seeds may be needed than they say."
        )
    return said


def _detectable_said(found: float, metric: Metric) -> str:
    if math.isinf(found) or (is_share(metric.base) and found >= 1):
        return "no difference there can be"
    return f"a difference of {metric.said(found)} {metric.unit}"


def _anytime_said(look: Look, seeds: int, design: Design, fresh: Family, metric: Metric) -> str:
    said = f"A verdict on these seeds will be an anytime-valid one, for {look.why}"
    if seeds < FEWEST_FOR_A_DIFFERENCE:
        return f"{said}: it detects less."
    of_fresh = _detectable_said(fresh.detectable(seeds, design), metric)
    return f"{said}: as many in a fresh sweep can detect {of_fresh}."


def _margin_said(asked: SeedsAsked, other: SeedsAsked, margin: str, look: Look) -> str:
    """`other`: what is asked in a fresh sweep; where it will be one, what if it grew after its verdicts."""
    said = f"The margin of {margin} asks for {about(asked.to_settle)} seeds an arm"
    said += " in a fresh sweep" if look.withheld else " at this look" if look.anytime else ""
    if asked.to_find is not None and asked.to_rule_out is not None:
        said += (
            f": {asked.to_find} to find a difference of that size 8 times in 10, {asked.to_rule_out} to say "
            "EQUIVALENT 8 times in 10 where there is none"
        )
    if look.withheld or other == asked:
        return f"{said}."
    if look.anytime:
        return f"{said}; in a fresh sweep, for {about(other.to_settle)}."
    return f"{said}. Were some of them added after verdicts, it would ask for {about(other.to_settle)}."


def _too_few(seeds: int) -> str:
    if seeds >= FEWEST_FOR_A_DIFFERENCE:
        return ""
    are = "is" if seeds == 1 else "are"
    return f"{_seeds(seeds)} {are} too few for a verdict, which needs {FEWEST_FOR_A_DIFFERENCE}."


def _seeds(seeds: int) -> str:
    return f"{seeds} seed{'s' * (seeds != 1)}"
