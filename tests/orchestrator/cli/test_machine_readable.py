"""What scripts read: `--version`, `--json`, and exit codes."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch
from said import Call
from spoken import SOUND

from orchestrator.cli import checkup
from orchestrator.store import LocalStore
from trainables.errors import MachineError

COMMANDS = (
    *("init", "plan", "run", "resume", "compare", "report", "audit", "losses", "predict", "sync", "ui", "doctor"),
)


def strict_json(text: str) -> Any:
    """The text as JSON, which knows no NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_version_is_one_line(call: Call) -> None:
    said = call("--version")
    assert (said.code, said.out, said.err) == (0, f"seedwise {version('seedwise')}\n", "")


@pytest.mark.parametrize("command", [[], *([command] for command in COMMANDS)], ids=["seedwise", *COMMANDS])
def test_help_says_what_a_command_does_and_explains_every_option(command: list[str], call: Call) -> None:
    said = call(*command, "--help")
    assert call(*command, "-h") == said
    assert (said.code, said.err) == (0, "")
    assert " ".join(["Usage: seedwise", *command]) in said.out
    if not command:
        assert [word for word in COMMANDS if f"│ {word} " not in said.out] == []


def test_plan_gives_json_and_nothing_else(call: Call, new_home: Path) -> None:
    Path("ok.yaml").write_text(SOUND)
    said = call("plan", "ok.yaml", "--json", "--home", str(new_home))
    assert (said.code, said.err) == (0, "")
    planned = strict_json(said.out)
    assert (planned["sweep"], planned["seeds"]) == ("ok", [0])
    assert (planned["done"], planned["begun"], planned["new"]) == (0, 0, 2)
    assert [arm["arm"] for arm in planned["arms"]] == ["loss=cross_entropy", "loss=binary_cross_entropy"]
    assert all(arm["parameters"] > 0 and arm["steps"] == 1 and arm["seconds"] > 0 for arm in planned["arms"])
    assert planned["trials_at_once"] > 0
    assert planned["seconds_left"] > planned["start_seconds"] > 0
    assert planned["clipped_heads"] == ""
    assert not (new_home / "cells").exists()
    assert not (new_home / "sweeps").exists()


def test_plan_warns_where_clipping_would_part_heads_that_match(call: Call, new_home: Path) -> None:
    Path("heads.yaml").write_text(
        SOUND.replace("cross_entropy,", "{name: cross_entropy, head: {init: one_row}},", 1)
    )
    said = call("plan", "heads.yaml", "--set", "training.clip_norm=1", "--home", str(new_home))
    assert (said.code, said.err) == (0, "")
    assert "\nwarning: arms differ in loss.head, and training.clip_norm is 1: " in said.out


def test_plan_gives_json_where_the_machine_cannot_seat_a_trial(call: Call, new_home: Path) -> None:
    Path("ok.yaml").write_text(SOUND)
    said = call("plan", "ok.yaml", "--set", "resources.cpus=10000", "--json", "--home", str(new_home))
    assert (said.code, said.err) == (2, "")
    planned = strict_json(said.out)
    assert planned["trials_at_once"] == 0
    assert "10000 CPUs" in planned["unseated"]


def test_doctor_gives_json_with_one_finding_a_check(call: Call, new_home: Path) -> None:
    Path("ok.yaml").write_text(SOUND)
    said = call("doctor", "ok.yaml", "--json", "--home", str(new_home))
    assert said.err == ""
    findings = {finding["check"]: finding for finding in strict_json(said.out)}
    assert list(findings) == ["versions", "vocabulary", "gpu", "store", "ray", "mlflow", "data"]
    assert {name: found["said"] for name, found in findings.items() if found["state"] == "broken"} == {}
    assert said.code == 0
    assert findings["data"]["said"] == "synthetic: train: 60 rows, test: 60 rows; classes negative, positive"


def test_doctor_names_what_is_broken_with_the_remedy_and_leaves_with_1(call: Call, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    Path("own.yaml").write_text(SOUND.replace(SOUND.splitlines()[0], "data: {source: files, path: reviews.csv}"))
    elsewhere = ("--set", "data.path=copy.csv")
    said = call("doctor", "own.yaml", *elsewhere, "--json", "--home", str(tmp_path / "file"))
    findings = {finding["check"]: finding for finding in strict_json(said.out)}
    assert said.code == 1
    assert [name for name, found in findings.items() if found["state"] == "broken"] == [
        "store", "ray", "mlflow", "data",
    ]  # fmt: skip
    for name in ("store", "ray", "mlflow"):
        assert "choose another place" in findings[name]["said"]
    assert findings["data"]["said"].startswith(f"data.path: there is no file {Path('copy.csv').absolute()}")


def test_a_wrong_sweep_is_a_finding_of_doctor(call: Call, tmp_path: Path) -> None:
    """All other checks are carried out none the less."""
    (tmp_path / "file").touch()  # so that Ray need not start
    said = call("doctor", "quikstart", "--home", str(tmp_path / "file"))
    assert said.code == 1
    assert "broken data        quikstart: there is no such file; did you mean quickstart?" in said.out
    assert "ok     vocabulary  cl100k_base loads" in said.out


def test_doctor_refuses_to_change_a_setting_of_no_sweep(call: Call) -> None:
    said = call("doctor", "--set", "data.path=copy.csv")
    assert (said.code, said.out) == (2, "")
    assert said.err == "error: --set data.path=copy.csv: no sweep is named whose setting it could change\n"


def test_doctor_finds_a_file_system_on_which_two_could_both_be_first(
    call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalStore, "create", lambda self, name, data: True)
    monkeypatch.setattr(checkup, "running_ray", raising(RuntimeError("a defect of the check")))
    said = call("doctor", "--home", str(new_home))
    assert said.code == 1
    assert f"\nbroken store       {new_home} lets a record be created twice, so that of two writers the" in said.out
    assert "choose another place for the cells with --store or --home\n" in said.out
    assert "\nbroken ray         RuntimeError: a defect of the check\n" in said.out  # and the others go on
    assert f"\nok     mlflow      sqlite:///{new_home}/mlflow.db answers\n" in said.out


def test_doctor_names_the_cards_that_torch_sees(
    call: Call, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "running_ray", raising(MachineError("not here")))
    for name, answer in (("is_available", True), ("device_count", 2), ("get_device_name", "A Card")):
        monkeypatch.setattr(torch.cuda, name, lambda *_, answer=answer: answer)
    assert "\nok     gpu         2: A Card, A Card\n" in call("doctor", "--home", str(new_home)).out


def raising(error: Exception) -> Any:
    def raises(*_: Any) -> NoReturn:
        raise error

    return raises
