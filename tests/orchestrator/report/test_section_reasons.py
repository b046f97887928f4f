"""The section of reasons says what the comparison found of the head."""

from one_section import APART, NEAR, MakeTable, only, section

from orchestrator.report import compose
from orchestrator.report.content import Said, Table


def test_reasons_are_a_section_where_the_arms_are_a_square_of_heads(make_table: MakeTable) -> None:
    bce, fast = {"name": "binary_cross_entropy"}, {"learning_rate_scale": 2.0, "weight_decay_scale": 0.5}
    losses = {
        "loss=plain": bce,
        "loss=fast": {**bce, "head": fast},
        "loss=started": {**bce, "head": {"init": "two_rows"}},
        "loss=both": {**bce, "head": {**fast, "init": "two_rows"}},
    }
    ends = (APART["loss=a"], APART["loss=b"], NEAR["loss=b"], APART["loss=b"])
    table = make_table(dict(zip(losses, ends, strict=True)))
    assert compose(table).section("reasons") is None
    vars(table)["settings"] = {arm: {"loss": loss} for arm, loss in losses.items()}
    found = section(table, "reasons")
    comparison = compose(table).material.comparison
    assert comparison is not None
    assert only(Said, found).sentences == comparison.reasons[0].sentences
    rows = only(Table, found).rows
    assert [row[0] for row in rows] == ["the head's rate", "the head's start", "interaction of rate and start"]
    assert rows[0][1] == f"{100 * comparison.reasons[0].rate.estimate.estimate:+.2f}"
