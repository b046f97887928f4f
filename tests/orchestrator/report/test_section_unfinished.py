"""What the section of cells that are not finished says."""

from one_section import APART, MakeTable, only, section

from orchestrator.report import compose
from orchestrator.report.content import Table


def test_every_cell_that_is_not_finished_is_named_with_its_reason(make_table: MakeTable) -> None:
    table = make_table({"loss=a": [0.8, "diverged"], "loss=b": ["begun", "failed"]})
    table.troubles["loss=b", 1] = "ValueError: " + 300 * "x" + "\nmore"
    table.troubles["loss=a", 1] = "the loss became nan"
    found = section(table, "unfinished")
    assert found.sees.startswith("3 of 4 cells are in no mean: 1 diverged: ")
    rows = only(Table, found).rows
    assert [row[:2] for row in rows] == [
        ("loss=a, seed 1", "diverged"),
        ("loss=b, seed 0", "begun"),
        ("loss=b, seed 1", "failed"),
    ]
    assert rows[0][3] == "the loss became nan"
    assert rows[2][3].startswith("ValueError: xxx")
    assert rows[2][3].endswith("x …")


def test_cells_of_which_nothing_is_to_be_said_share_a_row(make_table: MakeTable) -> None:
    found = section(
        make_table({"loss=a": [0.8, "new", 0.7, "new"], "loss=b": ["failed", *["new"] * 3]}), "unfinished"
    )
    assert found.sees.startswith("6 of 8 cells are in no mean")
    assert [row[:2] for row in only(Table, found).rows] == [
        ("loss=b, seed 0", "failed"),
        ("loss=a, 2 seeds from 1 to 3", "new"),
        ("loss=b, seeds 1 to 3", "new"),
    ]
    assert len(found.numbers) == 6


def test_a_sweep_that_is_done_has_no_section_of_what_is_not(make_table: MakeTable) -> None:
    assert compose(make_table(APART)).section("unfinished") is None
