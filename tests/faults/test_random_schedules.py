"""Random schedules of kills, freezes, refusals and restarts: whatever happens, in the end nothing has."""

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from ledger import Row, note
from schedules import (
    HOSTS,
    Ask,
    Befall,
    Command,
    Continue,
    Elapse,
    Event,
    Go,
    Kill,
    Schedule,
    SetBack,
    carry_out,
    shortened,
)
from simulated_processes import BrokenPromiseError, Strike

QUICK = settings(
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # hypothesis shrinks for minutes; `shortened` is enough
    suppress_health_check=list(HealthCheck),
)
"""The same schedules each time."""
LONG = settings(QUICK, max_examples=3000, derandomize=False)

WHO = st.integers(0, 5)
ANYWHERE = st.builds(
    Befall, WHO, st.sampled_from([Strike.STOP, Strike.KILL_BEFORE, Strike.KILL_AFTER]), st.integers(0, 50)
)
AT_SOME = st.builds(
    Befall, WHO, st.sampled_from([Strike.KILL_WITHIN, Strike.REFUSE, Strike.LOSE_ANSWER]), st.integers(0, 10)
)
FAULTS: st.SearchStrategy[Event] = st.one_of(
    ANYWHERE,
    ANYWHERE,
    AT_SOME,
    AT_SOME,
    st.builds(Kill, WHO),
    st.sampled_from([Ask(), Continue(), Continue()]),
    st.builds(Elapse, st.sampled_from([5.0, 15.0, 70.0])),
    st.builds(SetBack, st.sampled_from(HOSTS), st.sampled_from([0.0, 20.0, 4000.0])),
    st.builds(
        Command, st.sampled_from(["run", "run smaller", "run --retry-diverged", "sync"]), st.sampled_from(HOSTS[:2])
    ),
)


def schedules(most_faults: int) -> st.SearchStrategy[Schedule]:
    events = st.lists(st.tuples(st.builds(Go, st.integers(0, 60)), FAULTS), min_size=2, max_size=most_faults)
    return st.builds(
        Schedule,
        events=events.map(lambda pairs: tuple(event for pair in pairs for event in pair)),
        pace=st.sampled_from([1, 2, 5, 20]),
        checkpoint_every_s=st.sampled_from([0.0, 0.0, 0.05, 100.0]),
        two_drivers=st.booleans(),
        zombies_go_on=st.booleans(),
        last_host=st.sampled_from(["a", "c"]),
    )


KILLED_BETWEEN_RESULT_AND_HISTORY = Schedule(
    (
        *(Go(48), Command("run smaller", "a"), Go(13), Go(47), Befall(1, Strike.REFUSE, 5), Go(23)),
        *(Command("run --retry-diverged", "b"), Go(34)),
    ),
    pace=20,
    last_host="c",
)
"""Of a diverged cell that is to be tried again the outcome is gone, and its epochs are still there."""


KILLED_BETWEEN_POINTS_AND_THEIR_NOTE = Schedule(
    (
        *(Go(48), Befall(4, Strike.LOSE_ANSWER, 4), Go(12), Befall(4, Strike.LOSE_ANSWER, 4)),
        *(Befall(4, Strike.LOSE_ANSWER, 4), Befall(5, Strike.STOP, 9), Go(58)),
        *(Command("run --retry-diverged", "a"), Go(52)),
    ),
    pace=2,
    checkpoint_every_s=100.0,
)
"""MLflow holds points of a try of which no tag says so, and the cell is tried again."""


FROZEN_ON_THE_WAY_TO_CLOSE_A_RUN = Schedule(
    (Go(60), Ask(), Go(167), Befall(0, Strike.STOP, 12)),
    pace=1,
    zombies_go_on=True,
    last_host="c",
)
"""The driver is asked to stop, and frozen when it is about to show the cell that will diverge as KILLED. Another
trains and records it; then the first one is back, and says so."""


FROZEN_ON_THE_WAY_TO_GIVE_AN_OUTCOME_UP = Schedule(
    (
        *(Go(39), Befall(2, Strike.KILL_WITHIN, 5), Go(32), Command("run --retry-diverged", "a"), Go(24)),
        Befall(3, Strike.STOP, 36),
    ),
    pace=1,
    checkpoint_every_s=100.0,
    zombies_go_on=True,
    last_host="c",
)
"""Whoever has a cell tried again stands still for a minute on the way. Another does it and trains the cell, and
the first one is back, and goes on with it."""


@given(schedules(most_faults=8))
@example(
    Schedule((SetBack("c", 4000.0), Go(100)), last_host="c")
)  # the dead left leases that seem to be of tomorrow
@example(KILLED_BETWEEN_RESULT_AND_HISTORY)
@example(KILLED_BETWEEN_POINTS_AND_THEIR_NOTE)
@example(FROZEN_ON_THE_WAY_TO_CLOSE_A_RUN)
@example(FROZEN_ON_THE_WAY_TO_GIVE_AN_OUTCOME_UP)
@QUICK
def test_whatever_happens_the_same_command_ends_as_if_nothing_had(schedule: Schedule) -> None:
    nothing_is_lost_by(schedule)


@pytest.mark.campaign
@pytest.mark.timeout(7200)
def test_thousands_of_schedules_end_as_if_nothing_had_happened() -> None:
    kills: list[int] = []

    @given(schedules(most_faults=20))
    @LONG
    def all_of_them(schedule: Schedule) -> None:
        kills.append(nothing_is_lost_by(schedule))

    all_of_them()
    note(Row("any of these and more at random, on simulated machines", len(kills), sum(kills), 0, 0, 0, 0, 0))


def nothing_is_lost_by(schedule: Schedule) -> int:
    """Gives the number of kills."""
    try:
        return carry_out(schedule)
    except BrokenPromiseError as broken:
        raise BrokenPromiseError(f"{broken}\n\nby {shortened(schedule)}") from broken
