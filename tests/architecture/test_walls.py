"""The walls between the rooms, read from the code itself: `trainables ← search_spaces ← orchestrator`."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("trainables", "search_spaces", "orchestrator")
"""From left to right: a room may import what stands to its left, and itself."""

FILES = sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
LONGEST_FILE = 300


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that the file imports, wherever in it that is."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: imports are absolute here"
            # `from orchestrator import run` names the room in its second half.
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def importers(package: str) -> list[str]:
    """`file:line` of each import of a package."""
    return [
        f"{file.relative_to(ROOT)}:{line}"
        for file in FILES
        for line, name in imports(file)
        if name.split(".")[0] == package
    ]


def test_the_files_of_all_rooms_are_looked_at() -> None:
    assert {file.relative_to(ROOT).parts[0] for file in FILES} == set(ROOMS)
    assert importers("torch"), "the search for imports finds nothing"


@pytest.mark.parametrize(("left", "right"), [(ROOMS[0], ROOMS[1]), (ROOMS[0], ROOMS[2]), (ROOMS[1], ROOMS[2])])
def test_imports_point_left_only(left: str, right: str) -> None:
    assert [place for place in importers(right) if place.startswith(f"{left}/")] == []


@pytest.mark.parametrize(("package", "place"), [("ray", "orchestrator/run/"), ("mlflow", "orchestrator/record/")])
def test_only_one_place_knows(package: str, place: str) -> None:
    found = importers(package)
    assert found, f"nobody imports {package}"
    assert [importer for importer in found if not importer.startswith(place)] == []


def test_no_file_is_longer_than_a_reader_can_keep_in_mind() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in FILES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = {"utils", "util", "common", "helpers", "helper", "misc", "tools"}
    names = {part.removesuffix(".py") for file in FILES for part in file.relative_to(ROOT).parts}
    assert names & drawers == set()


def test_every_module_says_its_place() -> None:
    silent = [
        str(file.relative_to(ROOT)) for file in FILES if not ast.get_docstring(ast.parse(file.read_text("utf-8")))
    ]
    assert silent == []


def test_every_package_holds_only_a_docstring_imports_and_exports() -> None:
    for file in FILES:
        if file.name == "__init__.py":
            tree = ast.parse(file.read_text("utf-8"))
            defined = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
            assert defined == [], f"{file.relative_to(ROOT)} defines something"


# What an import costs.


def loaded_by(statements: str) -> set[str]:
    """The top-level packages that are loaded once a fresh interpreter has run the statements."""
    say = "import sys; print('\\n' + ' '.join({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", f"{statements}\n{say}"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_a_cell_can_be_trained_without_ray_or_mlflow() -> None:
    loaded = loaded_by("import trainables.classifier, trainables.prediction")
    assert "torch" in loaded
    assert loaded & {"ray", "mlflow", "search_spaces", "orchestrator"} == set()


def test_results_can_be_opened_without_ray_or_mlflow() -> None:
    loaded = loaded_by("from orchestrator.results import ResultTable; import orchestrator.report")
    assert loaded & {"ray", "mlflow"} == set()


def test_help_is_said_before_anything_heavy_is_loaded() -> None:
    ask = "from orchestrator.cli import main\ntry: main(['--help'])\nexcept SystemExit as end: assert not end.code"
    heavy = {"torch", "ray", "mlflow", "pandas", "matplotlib", "sklearn", "datasets"}
    loaded = loaded_by(ask)
    assert "typer" in loaded
    assert loaded & heavy == set()
