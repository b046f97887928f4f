"""The one line that stands where there is room for little says who won."""

from collections.abc import Callable

import pytest
from one_section import APART, NEAR, MakeTable, section

from orchestrator.report import outcome_of
from orchestrator.report.sections.verdicts import OF_THE_SIGN
from orchestrator.report.spoken import headline, spoken

LOW, HIGH = APART["loss=a"], APART["loss=b"]
TOP = [end + 0.05 + 0.001 * (seed % 2) for seed, end in enumerate(HIGH)]
Arms = dict[str, list[float]]


@pytest.mark.parametrize(
    ("arms", "said"),
    [
        ({"loss=a": LOW, "loss=b": HIGH}, ""),
        ({"loss=a": HIGH, "loss=b": LOW, "loss=c": NEAR["loss=b"]}, "Of 2 pairs: 2 BETTER (the baseline, loss=a)."),
        (
            {"loss=a": LOW, "loss=b": HIGH, "loss=c": TOP, "loss=d": NEAR["loss=b"]},
            "Of 3 pairs: 2 BETTER (loss=b; loss=c), 1 NOT SETTLED.",
        ),
        (
            {"loss=a": HIGH, "loss=b": LOW, "loss=c": TOP},
            "Of 2 pairs: 2 BETTER (the baseline, loss=a; loss=c).",
        ),
        (
            {"loss=a": HIGH, "loss=b": LOW, "loss=c": TOP, "loss=d": NEAR["loss=b"]},
            "Of 3 pairs: 3 BETTER (the baseline, loss=a: 2; loss=c: 1).",
        ),
        (
            {
                "loss=a": LOW,
                **{f"loss={arm}": [end + 0.001 * place for end in HIGH] for place, arm in enumerate("bcde")},
            },
            "Of 4 pairs: 4 BETTER (4 arms).",
        ),
    ],
    ids=["one pair says it itself", "the baseline", "two others", "both", "one of them twice", "many"],
)
def test_it_names_the_winners(arms: Arms, said: str, make_table: MakeTable) -> None:
    assert headline(outcome_of(make_table(arms))) == said


def test_who_is_steadier_is_named_too(make_table: Callable[..., object]) -> None:
    wide = [0.8 + 0.02 * step for step in range(-10, 10)]
    narrow = [0.8 + 0.0002 * step for step in range(-10, 10)]
    swapped = [*narrow[1::2], *narrow[::2]]
    table = make_table({"loss=a": narrow, "loss=b": wide, "loss=c": swapped})
    said = headline(outcome_of(table))  # type: ignore[arg-type]
    assert "1 STEADIER (the baseline, loss=a)" in said


def test_that_the_runs_are_too_few_for_spread_is_said_once(make_table: MakeTable) -> None:
    few = "NOT ENOUGH RUNS for a verdict on spread: 5 pairs; it needs 10 of each arm in a fresh sweep."
    one, several = (
        spoken(outcome_of(make_table(arms)))
        for arms in ({"loss=a": LOW, "loss=b": HIGH}, {"loss=a": LOW, "loss=b": HIGH, "loss=c": TOP})
    )
    assert one[0].sentences[1] == few
    assert [part.sentences.count(few) for part in several[:3]] == [0, 0, 1]
    assert several[2].heading == "Spread"


@pytest.mark.parametrize(("ends", "has_a_sign"), [(NEAR, True), (APART, False)])
def test_which_arm_is_less_the_other_is_said_where_a_verdict_has_a_sign(
    ends: Arms, has_a_sign: bool, make_table: MakeTable
) -> None:
    assert section(make_table(ends), "verdicts").sees.endswith(OF_THE_SIGN) == has_a_sign
