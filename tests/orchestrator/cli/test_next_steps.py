"""The commands that a run ends with: which they are, and that they do what they say as they are typed."""

import io
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from in_process import without_ray
from rich.console import Console
from said import Call
from spoken import SOUND

from orchestrator.cli import main
from orchestrator.cli.next_steps import Help, print_next_steps
from orchestrator.cli.run_command import RunCommand
from orchestrator.run.cell_work import Step

Typed = Callable[..., RunCommand]


@pytest.fixture(autouse=True)
def _as_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ok.yaml").write_text(SOUND)
    monkeypatch.setattr(sys, "argv", ["/some/where/bin/seedwise"])
    monkeypatch.setattr(shutil, "which", lambda name: f"/some/where/bin/{name}")


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """What `seedwise run` understands of these words."""

    def typed(*words: str) -> RunCommand:
        understood: list[RunCommand] = []
        with monkeypatch.context() as nothing_run:
            nothing_run.setattr("orchestrator.cli.launch.launch", understood.append)
            with pytest.raises(SystemExit) as left:
                main(list(words))
        assert not left.value.code
        return understood[0]

    return typed


def suggested(understood: RunCommand, *, done: bool, helps: Help | None = None) -> dict[str, str]:
    """Purpose → command, in order."""
    stream = io.StringIO()
    print_next_steps(Console(file=stream, width=40), understood, done=done, recorded=True, helps=helps)
    lines = [line for line in stream.getvalue().splitlines() if not line.startswith("the runs are in")]
    assert [line.startswith("next:") for line in lines] == [True, *[False] * (len(lines) - 1)]
    halves = [line.removeprefix("next:").strip().rsplit("  ", 1) for line in lines]
    return {purpose: command.strip() for command, purpose in halves}


EVERYTHING = (
    *("run", "ok.yaml", "--set", "vary.loss=[cross_entropy, binary_cross_entropy]", "--seeds", "3"),
    *("--set", 'description=it\'s a "try"', "--smoke", "--home", "my runs", "--address", "10.0.0.1:6379"),
)


@pytest.mark.parametrize("words", [("run", "quickstart"), ("run", "ok.yaml", "--seeds", "3"), EVERYTHING])
@pytest.mark.parametrize("tracked", [(), ("--tracking-uri", "http://127.0.0.1:5000")])
def test_after_an_incomplete_run_the_first_suggestion_is_the_same_command(
    words: tuple[str, ...], tracked: tuple[str, ...], typed: Typed
) -> None:
    understood = typed(*words, *tracked)
    steps = suggested(understood, done=False)
    assert next(iter(steps)) == "go on"
    program, *again = shlex.split(steps["go on"])
    assert program == "seedwise"
    assert typed(*again) == understood
    assert "train the whole of it" not in steps


HELP = Help(words=("--set", "name=ok_2", "--set", "seeds=[3,4]"), purpose="train fresh seeds")


def test_a_finished_run_suggests_to_look_at_it_to_compare_and_what_would_settle_it(typed: Typed) -> None:
    words = ("run", "ok.yaml", "--set", "training.epochs=2", "--seeds", "3", "--home", "my runs")
    look_at_it = {
        "look at the runs in MLflow's page": "seedwise ui --home 'my runs'",
        "see verdicts and tables again": "seedwise compare ok --home 'my runs'",
    }
    assert suggested(typed(*words), done=True) == look_at_it
    steps = suggested(typed(*words), done=True, helps=HELP)
    fresh = "seedwise run ok.yaml --set training.epochs=2 --home 'my runs' --set name=ok_2 --set 'seeds=[3,4]'"
    assert steps == look_at_it | {"train fresh seeds": fresh}
    named = typed(*words[:4], "--set", "name=mine", "--set", "seeds=[0]", *words[6:])
    assert suggested(named, done=True, helps=HELP)["train fresh seeds"] == fresh, "each is said once"
    spec = typed(*shlex.split(fresh)[1:]).loaded.spec
    assert (spec.name, spec.seed_list) == ("ok_2", (3, 4))
    assert HELP.purpose not in suggested(typed(*words), done=False, helps=HELP)
    assert HELP.purpose not in suggested(typed(*words, "--smoke"), done=True, helps=HELP)


def test_after_a_smoke_run_the_whole_is_what_would_have_been_run_without_smoke(typed: Typed) -> None:
    words = ("run", "ok.yaml", "--set", "training.epochs=7", "--seeds", "5")
    steps = suggested(typed(*words, "--smoke"), done=True)
    assert steps["see verdicts and tables again"] == "seedwise compare ok-smoke"
    assert typed(*shlex.split(steps["train the whole of it"])[1:]) == typed(*words)


def test_runs_that_a_server_records_are_looked_at_there(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    understood = typed("run", "ok.yaml", "--tracking-uri", "http://127.0.0.1:5000")
    assert list(suggested(understood, done=True)) == ["see verdicts and tables again"]
    print_next_steps(Console(), understood, done=True, recorded=True)
    assert capsys.readouterr().out.startswith("the runs are in MLflow at http://127.0.0.1:5000\nnext:")


def test_where_mlflow_lacks_something_the_first_suggestion_records_it_where_it_was_to_be(
    typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    understood = typed("run", "ok.yaml", "--home", "my runs", "--tracking-uri", "http://127.0.0.1:5000")
    capsys.readouterr()
    print_next_steps(Console(), understood, done=True, recorded=False)
    _, sync, compare = capsys.readouterr().out.splitlines()
    where = "--home 'my runs' --tracking-uri http://127.0.0.1:5000"
    assert sync == f"next:   seedwise sync ok {where}  record in MLflow what it lacks"
    assert compare.split("  ")[-1] == "see verdicts and tables again"


@pytest.mark.parametrize(
    ("called", "found", "program"),
    [
        ("/some/where/bin/seedwise", None, "/some/where/bin/seedwise"),
        (".venv/bin/seedwise", None, ".venv/bin/seedwise"),
        (".venv/bin/seedwise", "/usr/bin/seedwise", "seedwise"),
        ("-c", None, "seedwise"),
    ],
)
def test_the_program_is_called_as_it_was_where_the_shell_would_not_find_it(
    called: str, found: str | None, program: str, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    understood = typed("run", "ok.yaml")
    monkeypatch.setattr(sys, "argv", [called])
    monkeypatch.setattr(shutil, "which", lambda name: found)
    assert shlex.split(suggested(understood, done=False)["go on"])[0] == program


# At the end of a run.


@pytest.mark.parametrize("status", ["failed", "held"])
def test_a_run_with_a_cell_that_is_not_done_says_which_why_and_how_to_go_on(
    status: Any, call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = Step(status, message="ValueError: why it did")
    without_ray(monkeypatch, lambda cell, number: end if "binary" in cell.arm else None)
    said = call("run", "ok.yaml", "--home", str(new_home))
    assert (said.code, said.err) == (1, "")
    assert f"\n{status}: loss=binary_cross_entropy, seed 0: ValueError: why it did\n" in said.out
    assert "1 of 2 cells finished (0 before, 1 in the " in said.out
    assert "nothing that was stored is lost; run the same command to go on\n" in said.out
    assert f"\nnext:   seedwise run ok.yaml --home '{new_home}'" in said.out
    assert said.out.split("next:")[1].splitlines()[0].endswith("  go on")


def test_a_diverged_cell_is_done_so_the_end_suggests_to_look_and_not_to_go_on(
    call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_ray(monkeypatch)
    hot = ("--set", "vary={training.learning_rate: [1e-3, 1e30]}", "--set", "loss=cross_entropy")
    said = call("run", "ok.yaml", *hot, "--set", "training.warmup=0", "--home", str(new_home))
    assert said.code == 1
    assert "1 of 2 cells finished, 1 diverged (0 before, 2 in the " in said.out
    assert "diverged: training.learning_rate=1e+30, seed 0: the " in said.out
    assert "go on" not in said.out
    assert f"\nnext:   seedwise ui --home '{new_home}'" in said.out


def test_a_long_command_does_not_push_the_purposes_of_the_others_away(
    typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    understood = typed("run", "ok.yaml", *("--set", "training.epochs=7") * 9)
    capsys.readouterr()
    print_next_steps(Console(), understood, done=True, recorded=True, helps=HELP)
    ui, compare, _ = capsys.readouterr().out.splitlines()
    assert ui == "next:   seedwise ui          look at the runs in MLflow's page"
    assert compare == "        seedwise compare ok  see verdicts and tables again"


@pytest.mark.parametrize("smoke", [(), ("--smoke",)])
def test_a_smoke_run_says_that_its_numbers_mean_nothing_and_prints_none_again_and_again(
    smoke: tuple[str, ...], call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_ray(monkeypatch)
    for _ in range(2):
        said = call("run", "ok.yaml", *smoke, "--home", str(new_home))
        assert ("The file works. So few rows" in said.out) == bool(smoke)
        assert ("(decides)" in said.out) != bool(smoke)


def test_a_smoke_run_in_which_a_cell_does_not_finish_does_not_say_that_the_file_works(
    call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_ray(monkeypatch, lambda cell, number: Step("failed", message="why") if "binary" in cell.arm else None)
    said = call("run", "ok.yaml", "--smoke", "--home", str(new_home))
    assert "\n1 of 2 cells did not finish, so the file is not shown to work; see below. So few rows" in said.out
    assert "The file works" not in said.out


def test_an_address_that_may_hold_a_secret_is_not_in_them(typed: Typed) -> None:
    understood = typed("run", "ok.yaml", "--tracking-uri", "http://bob:s3cret@127.0.0.1:5990")
    stream = io.StringIO()
    print_next_steps(Console(file=stream, width=40), understood, done=False, recorded=False)
    said = stream.getvalue()
    assert "s3cret" not in said
    assert "the runs are in MLflow at http://***@127.0.0.1:5990\n" in said
    assert "run ok.yaml --tracking-uri ADDRESS" in said
    assert "MLFLOW_TRACKING_PASSWORD" in said
