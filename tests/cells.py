"""Comparing what two runs have left."""

from pathlib import Path

import pandas as pd

from orchestrator.results import ResultTable


def finished_files(home: Path) -> dict[Path, bytes]:
    """The files of finished cells. A worker outlives its driver long enough to tidy leases and checkpoints away."""
    cells = [result.parent for result in home.glob("cells/*/result.json")]
    files = [file for cell in cells for file in cell.rglob("*.*") if not file.name.startswith(".aside-")]
    return {file: file.read_bytes() for file in files if file.parent.name not in ("lease", "checkpoint")}


def assert_same_bits(actual: ResultTable, expected: ResultTable) -> None:
    """Every cell of `actual` as it is in `expected`, bit for bit but for times and speed."""
    keys = set(actual.frame["key"])
    assert keys <= set(expected.frame["key"])
    pd.testing.assert_frame_equal(
        actual.frame.sort_values("key", ignore_index=True),
        expected.frame[expected.frame["key"].isin(keys)].sort_values("key", ignore_index=True),
        check_exact=True,
        check_like=True,
    )
    for key in keys:
        mine, theirs = (
            [record.model_dump(exclude={"timing", "measured_at"}) for record in table.cells.history(key)]
            for table in (actual, expected)
        )
        assert mine == theirs
        for part in ("validation", "test"):
            pd.testing.assert_frame_equal(
                actual.cells.predictions(key, part), expected.cells.predictions(key, part), check_exact=True
            )
        weights, expected_weights = actual.cells.weights(key), expected.cells.weights(key)
        assert weights.keys() == expected_weights.keys()
        assert all(weights[name].equal(expected_weights[name]) for name in weights)
