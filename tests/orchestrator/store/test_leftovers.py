"""What killed writers have left aside: old ones go, others stay, and so does everything else."""

import os
import time
from pathlib import Path

import pytest

from orchestrator.store.leftovers import SAFE_AGE_S, drop_leftovers


def left(path: Path, age_s: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half of i")
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def test_only_old_files_that_were_written_aside_go_and_only_in_these_folders(tmp_path: Path) -> None:
    old = left(tmp_path / "cells/one/history/.aside-1", 2 * SAFE_AGE_S)
    stay = [
        left(tmp_path / "cells/one/history/.aside-2", SAFE_AGE_S / 2),
        left(tmp_path / "cells/one/history/0001.json", 2 * SAFE_AGE_S),
        left(tmp_path / "cells/one/.nfs0001", 2 * SAFE_AGE_S),
        left(tmp_path / "cells/other/.aside-3", 2 * SAFE_AGE_S),
    ]
    assert drop_leftovers(tmp_path, ["cells/one", "cells/never was"]) == 1
    assert not old.exists()
    assert all(path.exists() for path in stay)


def test_one_that_cannot_be_deleted_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left(tmp_path / "cells/one/.aside-1", 2 * SAFE_AGE_S)

    def refused(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refused)
    assert drop_leftovers(tmp_path, ["cells"]) == 0
