"""Homes of a small sweep, ready to be damaged.

The command is real, on a real store with a real MLflow; only Ray is left out, so that a case takes seconds.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harmed_homes import SWEEP, Harmed, train
from in_process import without_ray
from said import Call, Said

from orchestrator.cli import main
from orchestrator.record.imported import import_mlflow
from orchestrator.store import Home

LIMIT_S = 3600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real processes take their time on a machine that has much else to do; nobody shall hang for ever."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(LIMIT_S))


@pytest.fixture
def ray_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Ray's own, and of this test alone. Its path is short, for sockets lie in it."""
    folder = Path(tempfile.mkdtemp(prefix="sw-", dir="/tmp"))
    monkeypatch.setenv("RAY_TMPDIR", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def cells_carried_out_here() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        without_ray(patched)
        patched.setattr("orchestrator.report.composition.Report.pictures", ())
        patched.setattr("orchestrator.report.write.html", lambda report, figures: "")
        yield


@pytest.fixture(scope="session")
def sweep_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sweeps") / "small.yaml"
    path.write_text(SWEEP)
    return path


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's tables, which take it seconds to make."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    import_mlflow().MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory, sweep_file: Path) -> Path:
    """A home with both cells finished. Not to be changed."""
    home = Home(tmp_path_factory.mktemp("done"))
    train(home, sweep_file, [3, 3])
    return home.root


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory, sweep_file: Path) -> Path:
    """A home in which the first cell has come through two epochs, and the second is finished."""
    home = Home(tmp_path_factory.mktemp("begun"))
    train(home, sweep_file, [2, 3])
    return home.root


@pytest.fixture
def call(cells_carried_out_here: None, sweep_file: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Calls `seedwise` on the sweep in this test's home."""

    def call(command: str, *words: str) -> Said:
        capfd.readouterr()
        named = str(sweep_file) if command in ("run", "plan") else "small"
        with pytest.raises(SystemExit) as left:
            main([command, named, *words, "--home", str(tmp_path / "home")])
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err, out + err
        return Said(int(left.value.code or 0), out, err)

    return call


@pytest.fixture
def harmed(tmp_path: Path, empty_database: Path) -> Callable[[Path], Harmed]:
    """A copy of a home, with an MLflow of its own."""

    def copy(home: Path) -> Harmed:
        shutil.copytree(home, tmp_path / "home")
        shutil.copy(empty_database, tmp_path / "home" / "mlflow.db")
        return Harmed(tmp_path / "home")

    return copy
