"""The table of docs/reliability.md: what was tried, added up, and nothing that was not."""

import json
import runpy
import sys
from dataclasses import asdict
from pathlib import Path

import ledger
import pytest
from ledger import Row, note, note_nothing_lost, table_of


def test_rows_of_one_fault_are_added_up_and_others_kept_apart() -> None:
    rows = [
        Row("killed", 1, 3, 0, 0, 0, 0, 0),
        Row("frozen", 1, 0, 0, 0, 0, 0, 0),
        Row("killed", 2, 5, 0, 1, 0, 0, 4),
    ]
    assert table_of(rows).splitlines()[2:] == [
        "| killed | 3 | 8 | 0 | 1 | 0 | 0 | 4 |",
        "| frozen | 1 | 0 | 0 | 0 | 0 | 0 | 0 |",
    ]


def test_rows_are_kept_only_where_a_ledger_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "rows"
    monkeypatch.delenv(ledger.LEDGER_VARIABLE, raising=False)
    note_nothing_lost("away")
    monkeypatch.setenv(ledger.LEDGER_VARIABLE, str(kept))
    note_nothing_lost("slow")
    note(Row("killed", 1, 3, 0, 0, 0, 0, 0))
    assert [json.loads(line)["fault"] for line in kept.read_text().splitlines()] == ["slow", "killed"]


def test_the_table_takes_the_place_of_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, page = tmp_path / "rows", tmp_path / "page.md"
    rows.write_text(json.dumps(asdict(Row("killed", 1, 3, 0, 0, 0, 0, 0))) + "\n")
    page.write_text(f"before\n\n{ledger.BEGIN}an older table\n{ledger.END}\n\nafter\n")
    monkeypatch.setattr(sys, "argv", ["ledger.py", str(rows), str(page)])
    for _ in range(2):
        runpy.run_path(ledger.__file__, run_name="__main__")
    said = page.read_text()
    assert said.startswith("before\n")
    assert said.endswith(f"{ledger.END}\n\nafter\n")
    assert said.count("| killed | 1 | 3 |") == 1
    assert "older" not in said
