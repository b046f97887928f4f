"""Which arms' spread is shown to be more than their items produce?

All arms that are tested are one family, corrected by Holm: of twelve arms that nothing but their items moves,
Cochran's Q by itself finds some arm uneven in every other sweep.
"""

from collections.abc import Sequence
from dataclasses import replace

from orchestrator.compare import verdicts
from orchestrator.compare.comparison import ArmState, Verdict
from orchestrator.compare.looks.look import Look
from orchestrator.compare.metric import Metric
from orchestrator.compare.statistics.estimates import LEVEL
from orchestrator.compare.statistics.multiplicity import holm
from orchestrator.compare.statistics.steadier import FEWEST_FOR_SPREAD


def judge_beyond_items(states: Sequence[ArmState], metric: Metric, look: Look) -> tuple[ArmState, ...]:
    """The arms of a complete grid, with a verdict where they are tested: of two at least, at the planned look, from
    ten runs on, and where none of them stalled."""
    counted = len(states) > 1 and not look.anytime
    tested = [state for state in states if _has_runs(state) and not state.stalled] if counted else []
    # Arms that are one training are one test.
    first = [state for state in tested if state.same_as is None]
    with_p = [(state.arm, n.p) for state in first if (n := state.item_noise) is not None and n.p is not None]
    adjusted = dict(zip([arm for arm, _ in with_p], holm([p for _, p in with_p]), strict=True))
    names = {state.arm for state in tested}
    return tuple(
        replace(state, verdicts=(_verdict(state, adjusted.get(state.same_as or state.arm), metric),))
        if state.arm in names
        else state
        for state in states
    )


def beyond_items_withheld(states: Sequence[ArmState], look: Look) -> tuple[str, ...]:
    """Why a verdict is not given for which there are runs enough."""
    enough = [state for state in states if _has_runs(state)]
    if enough and len(states) == 1:
        return ("BEYOND ITEMS is said of arms that are compared, for looks at one arm alone are not counted.",)
    if enough and look.anytime:
        return ("BEYOND ITEMS is withheld: no test of spread here may be looked at more than once.",)
    return tuple(
        f"{state.arm}: BEYOND ITEMS is withheld, for a stalled run is in its spread."
        for state in enough
        if state.stalled
    )


def _has_runs(state: ArmState) -> bool:
    return state.item_noise is not None and state.item_noise.n >= FEWEST_FOR_SPREAD


def _verdict(state: ArmState, p: float | None, metric: Metric) -> Verdict:
    """p: after Holm's correction; None where all runs agree on every item."""
    assert state.item_noise is not None
    is_beyond = p is not None and p < LEVEL
    said = verdicts.beyond_items(state.arm, state.item_noise, is_beyond, p, metric)
    return Verdict("BEYOND ITEMS" if is_beyond else "NOT BEYOND ITEMS", said, p)
