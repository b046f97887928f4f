"""The section of reasons says what the comparison found of the head."""

from collections.abc import Sequence

from one_section import APART, NEAR, MakeTable, only, section

from orchestrator.report import compose
from orchestrator.report.content import Said, Table
from orchestrator.report.difference_table import ESTIMATES_ONLY, OF_FEW_RUNS
from orchestrator.report.reasons_table import OF_NO_VARIANCE, OF_THE_WHOLE
from orchestrator.results import ResultTable

ENDS = (APART["loss=a"], APART["loss=b"], NEAR["loss=b"], APART["loss=b"])


def square(make_table: MakeTable, ends: Sequence[list[float]] = ENDS, whole: bool = False) -> ResultTable:
    """Four heads, and with the whole difference cross-entropy's runs, which are those of the last of them."""
    bce, fast = {"name": "binary_cross_entropy"}, {"learning_rate_scale": 2.0, "weight_decay_scale": 0.5}
    losses = {
        "loss=plain": bce,
        "loss=fast": {**bce, "head": fast},
        "loss=started": {**bce, "head": {"init": "two_rows"}},
        "loss=both": {**bce, "head": {**fast, "init": "two_rows"}},
    } | ({"loss=cross_entropy": {"name": "cross_entropy"}} if whole else {})
    table = make_table(dict(zip(losses, [*ends, *[ends[-1]] * whole], strict=True)))
    vars(table)["settings"] = {arm: {"loss": loss} for arm, loss in losses.items()}
    return table


def test_reasons_are_a_section_where_the_arms_are_a_square_of_heads(make_table: MakeTable) -> None:
    assert compose(make_table(APART)).section("reasons") is None
    table = square(make_table)
    found = section(table, "reasons")
    comparison = compose(table).material.comparison
    assert comparison is not None
    (said,) = [part for part in found.parts if isinstance(part, Said)]
    assert said.sentences == comparison.reasons[0].sentences
    rows = only(Table, found).rows
    assert [row[0] for row in rows] == ["the head's rate", "the head's start", "interaction of rate and start"]
    assert rows[0][1] == f"{100 * comparison.reasons[0].rate.estimate.estimate:+.2f}"


def test_a_dash_in_the_table_is_explained_below_it(make_table: MakeTable) -> None:
    few = [ends[:4] for ends in ENDS]

    def below(table: ResultTable) -> tuple[str, ...]:
        found = section(table, "reasons")
        shows_a_dash = any("–" in row for row in only(Table, found).rows)
        said = [part.sentences for part in found.parts if isinstance(part, Said)]
        assert shows_a_dash == (len(said) > 1)
        return said[1] if shows_a_dash else ()

    assert below(square(make_table)) == ()
    assert below(square(make_table, few)) == (OF_FEW_RUNS,)
    assert below(square(make_table, whole=True)) == (OF_THE_WHOLE, OF_NO_VARIANCE)
    undone = square(make_table, whole=True)
    undone.frame.loc[0, "status"] = "new"
    assert below(undone) == (ESTIMATES_ONLY,)
