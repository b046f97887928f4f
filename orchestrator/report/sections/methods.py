"""How it was done: the methods in two sentences each, and what was trained on what."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.compare import Comparison
from orchestrator.report.content import Part, Said, Section, Table
from orchestrator.report.environment_words import environment_sentence
from orchestrator.report.material import Material
from orchestrator.results import ResultTable
from orchestrator.store.noted_plans import NotedPlan

METHODS = {
    "seeds × items": (
        "The difference of means, with an interval for new seeds and new items alike: the variances over seeds and "
        "over items add, and their common residual is taken off once (df by Satterthwaite's rule).",
        "Where arms share seeds and split, runs are compared in pairs by seed.",
    ),
    "t": (
        "The difference of means by Student's t, paired by seed where arms share seeds and split; else Welch's.",
        "It holds for new seeds on these items.",
    ),
    "resampled": (
        "The difference of means by a t test whose variance is raised by evaluated over trained rows (Nadeau and "
        "Bengio, 2003), because each seed drew a split of its own.",
        "Training sets that overlap make plain tests find differences that are not there.",
    ),
    "anytime": (
        "An anytime-valid t (Wang and Ramdas, arXiv 2310.03722), because what is asked of the runs is not known "
        "to be what was planned before any of them could be seen.",
        "It holds however often one looks, and its intervals are wider for it; its p, corrected for all pairs of "
        "the arms, must be under a share of the .005 that are kept back for what was not planned; under .045, "
        "where no more was planned than a pilot of too few seeds for a verdict.",
    ),
    "families": (
        "All tests of the deciding metric that can yield BETTER or STEADIER are one family, corrected by Holm; at "
        "the planned look its p must be under .045, which questions that were planned together of the same runs "
        "share equally, for .005 is kept for what was not planned.",
        "Where several pairs are judged, the intervals in the verdicts hold for all of them at once; arms whose "
        "runs of each seed predict the same but for rounding are one training, and count as one.",
    ),
    "equivalence": (
        "Two one-sided tests (Schuirmann, 1987) against the margin in the sweep file.",
        "EQUIVALENT is said where both, corrected for the other pairs, are under the look's level; the 90% "
        "interval then lies inside the margin.",
    ),
    "spread": (
        "STEADIER rests, from ten runs an arm, on the largest p of three tests: Brown–Forsythe's on distances from "
        "the median, Bonett's (2006) on the ratio of standard deviations, whose interval is shown, and one that "
        "draws again from each arm's own runs, so that arms of unlike shape are not told apart by that alone.",
        "It is withheld where a run stalled, and at looks that were not planned.",
    ),
    "items": (
        "Cochran's Q on which items each run got right says whether an arm's runs differ by more than luck on the "
        "items; the arms that are tested, from ten runs on, are a family of their own, corrected by Holm. It is "
        "withheld where a run stalled, and at looks that were not planned.",
        "The noise floor is the standard deviation that this luck alone produces, each item's by itself: "
        "√(residual mean square / N), of the table of runs by items.",
    ),
    "power": (
        "The smallest difference found 8 times in 10 follows from the noncentral t distribution and the spread of "
        "these runs; a margin asks for seeds enough to find it and, where there is no difference, to rule it out.",
        "The items' part of the variance stays, however many seeds there are.",
    ),
    "calibration": (
        "Expected calibration error in 15 equal bins of the predicted class's probability.",
        "Its null level is simulated: each item is right with the probability that its confidence says.",
    ),
}
TITLES = {
    "seeds × items": "Difference",
    "t": "Difference",
    "resampled": "Difference",
    "anytime": "Difference",
    "families": "Several tests",
    "equivalence": "Equivalence",
    "spread": "Spread",
    "items": "Luck on the items",
    "power": "Power",
    "calibration": "Calibration",
}


def section(material: Material) -> Section:
    table = material.table
    facts = compute(table)
    methods = (
        [] if material.comparison is None else [Said(TITLES[m], METHODS[m]) for m in used(material.comparison)]
    )
    parts: list[Part] = [Table.of("What was trained on what", ("what", "value"), facts, ("value",)), *methods]
    parts.append(Said("Environment", (environment_sentence(table),)))
    if table.plan["data"]:
        parts.append(Said("Data", tuple(table.plan["data"])))
    return Section(
        name="methods",
        heading="How it was done",
        sees="All of this but the best epochs is of the last epoch, which nobody chose.",
        parts=tuple(parts),
        numbers=dict(facts),
    )


def used(comparison: Comparison) -> list[str]:
    """Names of the methods that something on the page rests on, in the order in which they are explained."""
    numbers = [pair.numbers for pair in comparison.pairs if pair.numbers is not None]
    found = []
    if numbers:
        method = numbers[0].rests_on.method
        found.append(next((m for m in ("anytime", "seeds × items", "resampled") if m in method), "t"))
        found.append("families")
        if comparison.margin is not None:
            found.append("equivalence")
        if any(min(n.rests_on.n) >= 10 for n in numbers):
            found.append("spread")
    if any(arm.item_noise is not None for arm in comparison.arms):
        found.append("items")
    if numbers and not comparison.look.anytime:  # what such a test can detect depends on the looks
        found.append("power")
    if any(arm.reliability is not None for arm in comparison.arms):
        found.append("calibration")
    return found


def compute(table: ResultTable) -> list[tuple[str, str]]:
    """What a reader needs to do the same again, as far as it was stored."""
    plan, decide = table.plan, table.plan["decide"]
    git = plan.get("environment", {}).get("git", {})
    sources = sorted(
        {s["data"]["fingerprint"][:16] for s in table.settings.values() if "fingerprint" in s.get("data", {})}
    )
    facts = {
        "decides": f"{decide['metric']} ({decide['direction']}), {_margin(decide.get('margin'))}",
        "baseline": table.baseline,
        "seeds": _seeds(plan["seeds"], table.planned),
        "data": ", ".join(plan.get("sources", ())),
        "data fingerprint": ", ".join(sources),
        "split": _one(split_said(s["split"]) for s in table.settings.values() if "split" in s),
        "model": _one(str(s["model"].get("name", "")) for s in table.settings.values() if "model" in s),
        "commit": git.get("commit", "") + (" with uncommitted changes" if git.get("dirty") == "True" else ""),
        **ran_on(table),
    }
    return [(name, value) for name, value in facts.items() if value]


def split_said(split: Mapping[str, Any]) -> str:
    """`train: the rest of train; validation: 500 of test; …`"""
    said = []
    for part in ("train", "validation", "test"):
        drawn = split.get(part)
        if isinstance(drawn, Mapping):
            size = drawn.get("size", "rest")
            much = "the rest" if size == "rest" else f"{size:.0%}" if isinstance(size, float) else f"{size:,}"
            said.append(f"{part}: {much} of {drawn.get('of')}")
    said.append("drawn anew for each seed" if split.get("varies_by_seed") else "the same for every seed")
    return "; ".join(said)


def ran_on(table: ResultTable) -> dict[str, str]:
    """Versions, machines, and how often cells were taken up again."""
    sessions = table.sessions
    if sessions.empty:
        return {}
    environments = list(sessions["environment"])
    versions = [", ".join(f"{name} {v}" for name, v in e.get("versions", {}).items()) for e in environments]
    machines = [
        ", ".join(
            str(part)
            for part in (e.get("device"), _of(e, "cores", "{} cores"), _of(e, "memory"), _of(e, "system"))
            if part
        )
        for e in environments
    ]
    taken_up = Counter(zip(sessions["arm"], sessions["seed"], strict=True))
    again = sum(count > 1 for count in taken_up.values())
    resumed = (
        f"{again} of {len(taken_up)} finished cells were taken up more than once, and went on from a checkpoint"
    )
    return {
        "versions": _one(versions),
        "hardware": _one(machines),
        "resumed": resumed if again else "no finished cell was interrupted",
    }


def _of(environment: Mapping[str, Any], name: str, said: str = "{}") -> str:
    value = environment.get("hardware", {}).get(name)
    return said.format(value) if value else ""


def _one(values: Iterable[str]) -> str:
    """The value that all share, else all there are."""
    return " / ".join(dict.fromkeys(values))


def _margin(margin: float | None) -> str:
    return "no margin" if margin is None else f"margin {margin:g}"


def _seeds(seeds: list[int], planned: NotedPlan | None) -> str:
    said = f"{len(seeds)} an arm"
    if planned is None or set(planned.seeds) == set(seeds):
        return said
    first = len(planned.seeds)
    return f"{said}; at the first run {f'it was {first}' if first != len(seeds) else 'they were others'}"
