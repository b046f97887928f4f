"""Commands that are given a sweep that nobody has run, or a file in the way."""

import socket
import sys
from pathlib import Path

import pytest
from said import Call
from spoken import SOUND, Refused, says


@pytest.fixture(autouse=True)
def _a_sound_sweep() -> None:
    Path("ok.yaml").write_text(SOUND)


def test_resume_refuses_a_sweep_that_has_not_been_run(refused: Refused, new_home: Path) -> None:
    assert refused("resume", "ok.yaml", home=new_home) == (
        f"no sweep 'ok' has been run in {new_home} (it knows none yet); start it with seedwise run, or name its "
        "home with --home"
    )


def test_resume_names_the_sweep_that_was_run_under_a_similar_name(refused: Refused, used_home: Path) -> None:
    assert refused("resume", "ok.yaml", "--set", "name=earlie", home=used_home) == (
        f"no sweep 'earlie' has been run in {used_home} (known are: earlier); did you mean earlier? If not, start "
        "it with seedwise run, or name its home with --home"
    )


@pytest.mark.parametrize("command", [["compare"], ["report"], ["sync"], ["predict"], ["compare", "--json"]])
def test_what_reads_results_refuses_an_unknown_sweep_with_its_near_miss(
    command: list[str], refused: Refused, new_home: Path, used_home: Path, tmp_path: Path
) -> None:
    said = refused(*command, "earlyer", home=used_home)
    assert said == f"no sweep 'earlyer' has been run in {used_home}; did you mean earlier?"
    said = refused(*command, "anything", home=used_home)
    assert says(said, f"no sweep 'anything' has been run in {used_home}; …earlier")
    said = refused(*command, "anything", home=tmp_path / "nowhere")
    assert says(said, f"no sweep 'anything' has been run in {tmp_path}/nowhere; …none yet")
    assert not (tmp_path / "nowhere").exists()


def test_predict_refuses_an_unknown_sweep_before_it_waits_for_texts(
    refused: Refused, used_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert "did you mean earlier?" in refused("predict", "earlyer", home=used_home)


def test_init_never_writes_over_a_file(call: Call) -> None:
    said = call("init", "ok.yaml")
    assert (said.code, said.out) == (2, "")
    assert said.err == "error: ok.yaml exists already; choose another name, or delete it first\n"
    assert Path("ok.yaml").read_text() == SOUND


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "quickstart",
            "error: quickstart is a sweep that comes with seedwise; choose another name, e.g. my.yaml",
        ),
        (
            "nowhere/my.yaml",
            "error: nowhere/my.yaml cannot be written (No such file or directory); choose another place",
        ),
        ("ok.yaml/my.yaml", "error: ok.yaml/my.yaml cannot be written (Not a directory); choose another place"),
    ],
)
def test_init_says_where_it_cannot_write(path: str, message: str, call: Call) -> None:
    said = call("init", path)
    assert (said.code, said.out, said.err) == (2, "", f"{message}\n")


def test_ui_of_a_server_points_to_the_server(call: Call) -> None:
    said = call("ui", "--tracking-uri", "http://127.0.0.1:5000")
    assert (said.code, said.out) == (2, "")
    assert said.err == "error: http://127.0.0.1:5000 is a server already; open it in a browser\n"


def test_ui_becomes_the_server_of_this_homes_page(
    call: Call, used_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    announced: list[list[str]] = []
    monkeypatch.setattr("orchestrator.cli.page._announce", lambda port, where, lines: announced.append(lines))
    monkeypatch.setattr("os.execvp", lambda program, command: started.append([program, *command]))
    said = call("ui", "--home", str(used_home), "--port", "5123")
    log = used_home / "logs/ui.log"
    assert (said.code, said.out) == (
        0,
        f"MLflow's page takes some seconds to start; what its server says is in {log}\n",
    )
    ((program, *command),) = started
    assert program == command[0] == sys.executable
    given = " ".join(command)
    assert f"--backend-store-uri sqlite:///{used_home}/mlflow.db" in given
    assert "--host 127.0.0.1 --port 5123" in given
    ((*_, said_when_it_is_there),) = announced
    assert said_when_it_is_there == "http://127.0.0.1:5123 (Ctrl-C ends it)"


def test_what_lies_where_the_database_should_is_told_by_ui_and_sync(call: Call, used_home: Path) -> None:
    (used_home / "mlflow.db").write_bytes(b"garbage" * 1000)
    for command in (["ui"], ["sync", "earlier"]):
        said = call(*command, "--home", str(used_home))
        assert (said.code, said.out) == (2, "")
        assert "Traceback" not in said.err
        assert "mlflow.db cannot be used: file is not a database; move the file away, and seedwise sync" in said.err


def test_sync_to_a_server_that_does_not_answer_leaves_the_home_alone(refused: Refused, used_home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        uri = f"http://127.0.0.1:{server.getsockname()[1]}"
    assert refused("sync", "earlier", "--tracking-uri", uri, home=used_home).startswith(
        f"MLflow at {uri} cannot be"
    )
