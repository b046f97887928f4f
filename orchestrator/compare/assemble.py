"""The comparison of a sweep: reads the runs, measures every pair, judges, and names what the verdicts are of.

In: a `ResultTable`. Out: a `Comparison`. Prints, draws and stores nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from orchestrator.compare.beyond_items import beyond_items_withheld, judge_beyond_items
from orchestrator.compare.comparison import Comparison, PairComparison
from orchestrator.compare.few_runs import reasons_of_few
from orchestrator.compare.head_arms import head_arms
from orchestrator.compare.judge import judge
from orchestrator.compare.looks.asked import Asked, Pairs, asked_of, pairs_of
from orchestrator.compare.looks.judged_elsewhere import judged_elsewhere
from orchestrator.compare.looks.look import Look, grown_from, judge_look
from orchestrator.compare.looks.same_arms import with_other_seeds
from orchestrator.compare.looks.standing import with_standing
from orchestrator.compare.measure import arm_state, evidence_of, pair_comparison, pair_numbers
from orchestrator.compare.measured import Measured, Rules
from orchestrator.compare.metric import Metric
from orchestrator.compare.reasons import Reasons, Square, Whole, reasons
from orchestrator.compare.reasons_in_words import sentences
from orchestrator.compare.rests_on import Resampling, rests_on
from orchestrator.compare.runs import ArmRuns, read_runs
from orchestrator.compare.same_training import ALL_DIFFERENT, Training, contrast, each_once, said_of, trainings
from orchestrator.compare.samples import Samples, side_by_side
from orchestrator.compare.stalled import HEEDLESS, judged_by
from orchestrator.compare.verdicts import level_is_shared
from orchestrator.results import ResultTable
from orchestrator.store.question import Question


def compare(table: ResultTable, pairs: Pairs | None = None, random_seed: int = 0) -> Comparison:
    """All arms against the baseline, or all pairs; by default as is planned. Raises IdenticalSeedsError.

    `random_seed` feeds what is simulated: large permutation tests, and calibration's null level.
    """
    now = _at_one_look(table, pairs, random_seed)
    asked = asked_by(now, table)
    before = [
        (look, _at_one_look(table.at(look.question.cells, look.seeds), pairs, random_seed, look.question))
        for look in grown_from(asked, table.notes.looks)
    ]
    return with_standing(now, before, asked) if before else now


def _at_one_look(
    table: ResultTable, pairs: Pairs | None, random_seed: int, question: Question | None = None
) -> Comparison:
    """`question`: as it was asked then; by default as it is asked now."""
    decide = table.plan["decide"]
    metric = Metric(decide["metric"], decide["direction"] == "maximize")
    margin = None if decide["margin"] is None else decide["margin"] / metric.scale
    runs = read_runs(table, metric)
    names = pairs_of(table.arms, table.baseline, pairs or decide["pairs"])
    asked = _asked(table, names)
    look = judge_look(asked if question is None else replace(asked, question=question), table.notes)
    complete = not any(arm.missing for arm in runs.values())
    scope = scope_of(table)
    rules = Rules(metric, margin, look, scope)
    rng = np.random.default_rng(random_seed)
    training = trainings(runs)
    samples = [side_by_side(runs[arm], runs[versus]) for arm, versus in names]
    measured = [measure_pair(s, rules, _resampling(s, table), rng, training) for s in samples]
    speaks = complete and not look.withheld
    judged = judge(measured, rules, training) if speaks else tuple(m.pair for m in measured)
    states = tuple(
        replace(arm_state(arm, metric, rng), same_as=training[name] if training[name] != name else None)
        for name, arm in runs.items()
    )
    withheld = beyond_items_withheld(states, look) if speaks else ()
    return Comparison(
        sweep=table.name,
        metric=metric.name,
        maximize=metric.maximize,
        margin=margin,
        baseline=table.baseline,
        scope=scope,
        complete=complete,
        look=look,
        arms=judge_beyond_items(states, metric, look) if speaks else states,
        pairs=judged,
        notes=(
            *_notes(table, metric, runs, look, each_once(judged, training)),
            *said_of(training),
            *withheld,
            *judged_elsewhere(table, names),
        ),
        reasons=tuple(_reasons(table, runs, rules, judged, training, speaks)),
    )


def asked_by(comparison: Comparison, table: ResultTable) -> Asked:
    """What its verdicts are answers to, for the note that they were shown."""
    pairs = [(pair.arm, pair.versus) for pair in comparison.pairs]
    return _asked(table, pairs)


def _asked(table: ResultTable, pairs: Sequence[tuple[str, str]]) -> Asked:
    asked = asked_of(table.plan, pairs, table.tries)
    return with_other_seeds(asked, table.notes.looks, pairs, table.settings, table.cells)


def scope_of(table: ResultTable) -> str:
    """`On synthetic (600 test rows): transformer_encoder, 4 epochs.`"""
    settings = list(table.settings.values())

    def shared(*path: str) -> Any:
        found: set[str | int | float | None] = set()
        for value in settings:
            for key in path:
                value = value.get(key, {}) if isinstance(value, dict) else {}
            found.add(value if isinstance(value, str | int | float) else None)
        return found.pop() if len(found) == 1 else None

    data = ", ".join(table.plan.get("sources", ())) or "these data"
    model, epochs = shared("model", "name"), shared("training", "epochs")
    said = [str(model)] if model else []
    said += [f"{epochs} epoch{'s' * (epochs != 1)}"] if epochs else []
    return f"Shown on {data}{' with ' if said else ''}{', '.join(said)}."


def measure_pair(
    samples: Samples,
    rules: Rules,
    resampling: Resampling | None,
    rng: np.random.Generator,
    training: Training = ALL_DIFFERENT,
) -> Measured:
    """Everything that `judge` needs of two arms."""
    if samples.fewest < 2 or len(contrast(samples, training)) == 1:
        return Measured(samples, None, None, pair_comparison(samples, rules.metric, None, resampling))
    evidence = evidence_of(samples, rules.metric, resampling)
    judged = rests_on(evidence, rules.look.anytime)
    numbers = pair_numbers(evidence, judged, rules.margin, rng)
    return Measured(samples, evidence, judged, pair_comparison(samples, rules.metric, numbers, resampling))


def _resampling(samples: Samples, table: ResultTable) -> Resampling | None:
    """Where either arm drew its split anew for each seed; by the smaller training part. None where all runs are
    judged on the same items all the same: these do not even out over seeds, and whatever a seed trains on is its
    luck like any other."""
    arms = (samples.a.arm, samples.b.arm)
    if samples.share_items:
        return None
    if not any(table.settings.get(arm, {}).get("split", {}).get("varies_by_seed") for arm in arms):
        return None
    scores = [scores for arm in (samples.a, samples.b) for scores in arm.scores.values()]
    trained = min(table.rows_trained_on(arm) for arm in arms)
    if not scores or trained == 0:
        return None
    return Resampling(max(len(s.predicted_N) for s in scores), trained)


def _reasons(
    table: ResultTable,
    runs: dict[str, ArmRuns],
    rules: Rules,
    judged: tuple[PairComparison, ...],
    training: Training,
    speaks: bool,
) -> Iterator[Reasons]:
    said = {frozenset((p.arm, p.versus)): {v.kind for v in p.verdicts} for p in judged if p.verdicts}
    tested, _ = _intervals(each_once(judged, training))
    squares = []
    for arms in head_arms({arm: table.settings[arm] for arm in table.arms if arm in table.settings}):
        resampling = _resampling(side_by_side(runs[arms.both], runs[arms.plain]), table)
        kinds = said.get(frozenset((arms.cross_entropy or "", arms.plain)))
        whole = Whole(rules.look.tests or max(1, tested), None if kinds is None else "BETTER" in kinds)
        squares.append(Square(arms, resampling, whole))
    for found in reasons(runs, squares, rules.metric, rules.look, training):
        is_shown = "BETTER" in said.get(frozenset((found.arms.cross_entropy or "", found.arms.plain)), set())
        shown = reasons_of_few(found)
        yield replace(shown, sentences=sentences(shown, rules.metric, speaks, is_shown, rules.look.level))


def _notes(
    table: ResultTable, metric: Metric, runs: dict[str, ArmRuns], look: Look, judged: Sequence[PairComparison]
) -> tuple[str, ...]:
    notes = []
    missing = sum(arm.missing for arm in runs.values())
    if missing:
        cells = sum(len(arm.planned) for arm in runs.values())
        notes.append(f"No verdict yet: {missing} of {cells} cells are missing. Estimates only.")
    elif len(runs) > 1:
        notes += _said_of_look(look)
    if len(runs) == 1:
        notes.append(
            f"Only one arm, {table.baseline}, and so nothing to compare it with: under `vary` in the sweep file, "
            "give a setting a second value and run again, or hold the arm beside another sweep's (seedwise compare "
            f"{table.name} OTHER)."
        )
    notes += table.plan.get("notes", ())
    notes += changed_since_first_run(table)
    notes += _together_said(*_intervals(judged))
    for arm in runs.values():
        if arm.non_finite:
            notes.append(f"{arm.arm}: {len(arm.non_finite)} of {arm.ended} runs diverged (the loss was no number).")
        if arm.stalled:
            by = judged_by(metric.base)
            why = f"by {by.replace('_', ' ')} not shown to be better than {HEEDLESS[by]}"
            notes.append(f"{arm.arm}: {len(arm.stalled)} of {arm.ended} runs stalled ({why}).")
    return tuple(notes)


def _said_of_look(look: Look) -> Iterator[str]:
    """Why there is no verdict, or another than the plain one."""
    if look.withheld:
        yield f"No verdict, estimates only: {look.withheld}."
    elif look.anytime:
        yield (
            f"Verdicts are anytime-valid, and intervals wider, because {look.why}: a plain test at every look "
            "finds differences that are not there."
        )
        yield f"Here p{_corrected_for(look.tests)} must be under {look.level:g}.{_of_earlier(look)}"
    elif look.sharing > 1:
        yield level_is_shared(look)


def _of_earlier(look: Look) -> str:
    """Nothing where none is known: a damaged note may have been of some."""
    if 0 < look.standing < look.earlier:
        return " Earlier verdicts stand where none of their runs has been trained again."
    return " Verdicts of earlier looks stand." if look.standing else ""


def _corrected_for(tests: int | None) -> str:
    return f", corrected for all {tests} pairs of the arms to choose from," if tests and tests > 1 else ""


def _intervals(judged: Sequence[PairComparison]) -> tuple[int, int]:
    """How many verdicts have an interval, of a difference and of a ratio of spreads: each kind holds at once."""
    kinds = [v.kind for pair in judged for v in pair.verdicts if v.interval is not None]
    of_spread = sum(kind in ("STEADIER", "SPREAD NOT SETTLED") for kind in kinds)
    return len(kinds) - of_spread, of_spread


def _together_said(differences: int, spreads: int) -> list[str]:
    if max(differences, spreads) < 2:
        return []
    if spreads in (0, differences):
        return [f"The intervals in the verdicts hold for all {differences} pairs at once."]
    each = [f"those of {of} for {n}" for of, n in (("differences", differences), ("spread", spreads)) if n > 1]
    return [f"The intervals in the verdicts hold for several pairs at once: {', '.join(each)}."]


def changed_since_first_run(table: ResultTable) -> list[str]:
    """What was planned to decide, and is now otherwise."""
    planned, decide = table.planned, table.plan["decide"]
    if planned is None:
        return []
    said = []
    for name, first in (("metric", planned.question.metric), ("margin", planned.question.margin)):
        if first != decide[name]:
            was, now = ("none" if value is None else value for value in (first, decide[name]))
            said.append(f"The {name} was {was} at the first run and is {now} now.")
    return said
