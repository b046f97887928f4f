"""What earlier looks have shown, when there were fewer of the same runs: it stands beside what more of them show.

The level is shared out over looks so that all of their verdicts hold at once, and none takes back another.
"""

from collections.abc import Sequence
from dataclasses import replace

from orchestrator.compare.comparison import Comparison, Verdict
from orchestrator.compare.looks.asked import Asked
from orchestrator.store.noted_looks import NotedLook

SETTLED = ("BETTER", "EQUIVALENT", "STEADIER", "BEYOND ITEMS")
"""A verdict of another kind says that something had not been shown, which may have changed."""
OF_A_MARGIN = "EQUIVALENT"
"""And of no other."""


def with_standing(now: Comparison, before: Sequence[tuple[NotedLook, Comparison]], asked: Asked) -> Comparison:
    """With what each of the looks before had settled, in their order, and has not been said again since.

    Of several sweeps it is said which had shown it, for each errs once in 20.
    """
    pairs = {frozenset((pair.arm, pair.versus)): pair for pair in now.pairs}
    arms = {arm.arm: arm for arm in now.arms}
    for look, earlier in before:
        seeds = max(len(runs) for runs in look.question.arms)
        where = f"At {seeds} seeds{f' of {look.sweep}' if len(asked.sweeps) > 1 else ''}"
        settled = [kind for kind in SETTLED if kind != OF_A_MARGIN or look.question.margin == asked.question.margin]
        for pair in earlier.pairs:
            own = pairs[between := frozenset((pair.arm, pair.versus))]
            found = _settled(pair.verdicts, (*own.verdicts, *own.standing), settled, where)
            pairs[between] = replace(own, standing=own.standing + found)
        for arm in earlier.arms:
            state = arms[arm.arm]
            found = _settled(arm.verdicts, (*state.verdicts, *state.standing), settled, where)
            arms[arm.arm] = replace(state, standing=state.standing + found)
    return replace(now, pairs=tuple(pairs.values()), arms=tuple(arms.values()))


def _settled(
    verdicts: Sequence[Verdict], known: Sequence[Verdict], kinds: Sequence[str], where: str
) -> tuple[Verdict, ...]:
    said = {(verdict.kind, verdict.winner) for verdict in known}
    return tuple(
        replace(verdict, sentence=f"{where}, and it stands: {verdict.sentence}")
        for verdict in verdicts
        if verdict.kind in kinds and (verdict.kind, verdict.winner) not in said
    )
