"""What the planned seeds can settle, before launch: the smallest difference that they find, and the seeds that the
sweep's margin asks for. By the procedure that will judge: in pairs by seed, at the planned look's level.
"""

from dataclasses import dataclass

from orchestrator.compare.asked import asked_of, planned_pairs
from orchestrator.compare.looks import Look, judge_look
from orchestrator.compare.metric import Metric, is_share
from orchestrator.compare.power import FEWEST_FOR_A_DIFFERENCE, MOST_SEEDS, detectable
from orchestrator.compare.seeds_asked import SeedsAsked, first_level, seeds_for
from orchestrator.plan.choice import choice_of, what_counts_as_planned
from orchestrator.plan.foretold import Foretold, foretold
from orchestrator.plan.plan import Plan
from orchestrator.store import CellStore, SweepStore


@dataclass(frozen=True)
class Precision:
    """In the deciding metric's own scale."""

    foretold: Foretold | None
    """How runs will spread; None where nothing is known of it."""
    seeds: int
    detectable: float | None
    """At 80 % power, by the paired t test at the level that the first of the sweep's tests must reach; None with
    fewer seeds than a verdict needs."""
    margin: float | None
    asked: SeedsAsked | None
    """By the margin."""
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
    pairs = max(1, len(planned_pairs(plan.stored())))
    enough = seeds >= FEWEST_FOR_A_DIFFERENCE
    found = detectable(seeds, known.design, level=first_level(pairs, seeds)) if enough else None
    sentences = [*_spread_said(known, metric)]
    if found is not None:
        there_is = not is_share(metric.base) or found < 1
        what = f"a difference of {metric.said(found)} {metric.unit}" if there_is else "no difference there can be"
        sentences.append(f"{seeds} seeds an arm can detect {what} at 80% power.")
    warning = _too_few(seeds)
    if (look := _look(plan, cells, sweeps)).withheld:
        sentences.append(f"There will be no verdict on these seeds: {look.withheld}.")
    elif look.anytime:
        sentences.append(f"A verdict on these seeds will be an anytime-valid one, for {look.why}: it detects less.")
    asked = None
    if margin is not None:
        asked = seeds_for(margin, known.design, pairs)
        said = f"{margin * metric.scale:g} {metric.unit}"
        sentences.append(_margin_said(asked, said))
        if asked.to_settle is None or asked.to_settle > seeds:
            warning = f"{_seeds(seeds)} cannot settle a margin of {said}: it asks for {_number(asked)}."
    needed = None if asked is None else asked.to_settle
    return Precision(known, seeds, found, margin, asked, needed, tuple(sentences), warning)


def _look(plan: Plan, cells: CellStore, sweeps: SweepStore) -> Look:
    """The one that the sweep will be judged by."""
    name, stored = plan.spec.name, plan.stored()
    done = cells.results([cell.key for cell in plan.cells]).keys()
    choice = choice_of(plan, done, cells, sweeps)
    choices = [*sweeps.choices(name), *([] if choice is None else [choice])]
    planned = what_counts_as_planned(plan, done, cells, sweeps)
    asked = asked_of(stored, planned, planned_pairs(stored), choices, sweeps.has_lost_notes(name))
    return judge_look(asked, sweeps.looks())


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


def _margin_said(asked: SeedsAsked, margin: str) -> str:
    total = _number(asked)
    if asked.to_find is None or asked.to_rule_out is None:
        return f"The margin of {margin} asks for {total} seeds an arm."
    return (
        f"The margin of {margin} asks for {total} seeds an arm: {asked.to_find} to find a difference of that size "
        f"8 times in 10, {asked.to_rule_out} to say EQUIVALENT 8 times in 10 where there is none."
    )


def _number(asked: SeedsAsked) -> str:
    return f"more than {MOST_SEEDS:,}" if asked.to_settle is None else f"about {asked.to_settle}"


def _too_few(seeds: int) -> str:
    if seeds >= FEWEST_FOR_A_DIFFERENCE:
        return ""
    are = "is" if seeds == 1 else "are"
    return f"{_seeds(seeds)} {are} too few for a verdict, which needs {FEWEST_FOR_A_DIFFERENCE}."


def _seeds(seeds: int) -> str:
    return f"{seeds} seed{'s' * (seeds != 1)}"
