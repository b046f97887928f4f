"""What the section on what it would take says."""

from one_section import NEAR, MakeTable, only, section

from orchestrator.compare.seeds_asked import seeds_for
from orchestrator.report import compose
from orchestrator.report.content import Table


def test_more_seeds_find_smaller_differences(make_table: MakeTable) -> None:
    found = section(make_table(NEAR), "seeds_needed")
    (row,) = only(Table, found).rows
    detected = [float(cell) for cell in row[1:]]
    assert detected == sorted(detected, reverse=True)
    assert f"5 seeds an arm find a difference of {row[1]} points 8 times in 10" in found.sees
    assert "without a margin" in found.sees


def test_a_margin_is_said_in_seeds(make_table: MakeTable) -> None:
    table = make_table(NEAR)
    table.plan["decide"]["margin"] = 0.5
    found = section(table, "seeds_needed")
    comparison = compose(table).material.comparison
    assert comparison is not None
    assert comparison.pairs[0].numbers is not None
    assert found.sees.endswith(
        f"the margin of 0.5 needs about {seeds_for(0.005, comparison.pairs[0].numbers.design, 1).to_settle}."
    )


def test_of_arms_whose_difference_is_the_same_for_every_seed_nothing_is_reckoned(make_table: MakeTable) -> None:
    """The A/A check's twins: no difference is what no seeds have to find."""
    table = make_table({**NEAR, "loss=twin": NEAR["loss=a"]})
    found = section(table, "seeds_needed")
    near, twin = only(Table, found).rows
    assert (near[0], twin) == ("loss=b − loss=a", ("loss=twin − loss=a", *["–"] * 5))
    assert f"find a difference between loss=b and loss=a of {near[1]} points" in found.sees
    assert found.sees.endswith(
        "Of loss=twin and loss=a it cannot be said: their difference is the same for every seed."
    )
    alone = section(make_table({"loss=a": NEAR["loss=a"], "loss=twin": NEAR["loss=a"]}), "seeds_needed")
    assert alone.sees == "Of loss=twin and loss=a it cannot be said: their difference is the same for every seed."


def test_what_many_seeds_find_is_never_said_to_be_nothing(make_table: MakeTable) -> None:
    nearly = [end + 1e-6 * number for number, end in enumerate(NEAR["loss=a"])]
    found = section(make_table({"loss=a": NEAR["loss=a"], "loss=b": nearly}), "seeds_needed")
    assert all(0 < float(said) < 0.001 for said in only(Table, found).rows[0][1:])
    assert "5 seeds an arm find a difference of 0.000" in found.sees
