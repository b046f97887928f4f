"""What the machine, the network or the installation lacks is told before anything is begun."""

import ast
import contextlib
import importlib.metadata
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from said import Call
from spoken import SOUND, Refused, contents, says

from orchestrator.cli import early_end, entry, requirements
from orchestrator.record.imported import import_mlflow
from orchestrator.run import driver
from orchestrator.run.cluster import Node
from trainables.data.sources import SyntheticSource


@pytest.fixture(autouse=True)
def _a_sound_sweep() -> None:
    Path("ok.yaml").write_text(SOUND)


@pytest.fixture
def closed_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.fixture
def a_node_without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray's part up to the first trial: one node."""

    @contextlib.contextmanager
    def running(*_: Any, **__: Any) -> Iterator[tuple[Node, ...]]:
        yield (Node("here", 2, 0),)

    monkeypatch.setattr(driver, "running_ray", running)


# What trials ask of the cluster.


def test_more_gpus_than_any_node_has_are_refused_once_ray_has_said_what_there_is(
    refused: Refused, used_home: Path
) -> None:
    said = refused("run", "ok.yaml", "--set", "resources.gpus=1", home=used_home)
    assert says(
        said,
        "resources: a trial asks for 1 CPU and 1 GPU, which no node has (…: … CPUs, … GPUs); lower "
        "resources.cpus or resources.gpus, or join a larger cluster with --address",
    ), said


@pytest.mark.usefixtures("a_node_without_ray")
@pytest.mark.parametrize("wanted", ["resources.gpus=0.5", "resources.cpus=3"])
def test_what_no_node_has_is_refused_before_a_cell_is_begun(wanted: str, refused: Refused, home: Path) -> None:
    assert "which no node has (here: 2 CPUs, 0 GPUs)" in refused("run", "ok.yaml", "--set", wanted, home=home)


def test_a_plan_says_that_the_machine_cannot_seat_a_trial_and_leaves_with_2(call: Call, new_home: Path) -> None:
    planned = call("plan", "ok.yaml", "--set", "resources.gpus=1", "--home", str(new_home))
    assert (planned.code, planned.err) == (2, "")
    assert "1 GPU, which no node has (this machine: " in planned.out
    assert "expected time" not in planned.out
    # All else is said none the less.
    for said in (
        "ok: 2 arms × 1 seed",
        "2 cells: 0 done, 0 begun, 2 new",
        "disk: ",
        "decides: validation_accuracy",
    ):
        assert said in planned.out


def test_ray_client_is_refused_with_what_to_do_instead(refused: Refused, home: Path) -> None:
    said = refused("run", "ok.yaml", "--address", "ray://10.0.0.1:10001", home=home)
    assert "Ray Client cannot carry a sweep; start seedwise on a machine of the cluster with --address auto" in said


@pytest.mark.parametrize("form", ["127.0.0.1:{}"])
def test_a_cluster_that_is_not_there_is_told_at_once(
    form: str, closed_port: int, refused: Refused, home: Path
) -> None:
    address, started = form.format(closed_port), time.monotonic()
    said = refused("run", "ok.yaml", "--address", address, home=home)
    assert time.monotonic() - started < 10
    assert says(
        said,
        f"no Ray cluster answers at {address} (…); start its head with `ray start --head --port {closed_port}`, "
        "mend the address, or leave --address out for Ray on this machine",
    ), said


# What must be reached.


def test_a_tracking_uri_that_does_not_answer_is_told_soon(closed_port: int, refused: Refused, home: Path) -> None:
    import_mlflow()  # its own seconds do not count
    uri, started = f"http://127.0.0.1:{closed_port}", time.monotonic()
    said = refused("run", "ok.yaml", "--tracking-uri", uri, home=home)
    assert time.monotonic() - started < 10
    assert says(
        said,
        f"MLflow at {uri} cannot be used: Connection refused; start the server, mend the address, or leave "
        "--tracking-uri out for the embedded database: `seedwise sync` can record the sweep there later",
    ), said


def test_a_folder_as_tracking_uri_is_told_with_what_to_write_instead(refused: Refused, home: Path) -> None:
    said = refused("run", "ok.yaml", "--tracking-uri", "my/mlruns", home=home)
    assert says(said, "tracking URI 'my/mlruns' is a folder, …sqlite:////absolute/path/mlflow.db…"), said


@pytest.mark.parametrize(
    ("data", "name", "remedy"),
    [
        (
            "imdb",
            "stanfordnlp/imdb",
            "set data.path to a local copy: a folder of train*.parquet and test*.parquet, ",
        ),
        ("{source: huggingface, name: some/reviews}", "some/reviews", "give data.name a local folder, "),
    ],
)
def test_a_hub_that_cannot_be_reached_is_told_soon_with_the_local_remedy(
    data: str,
    name: str,
    remedy: str,
    closed_port: int,
    refused: Refused,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import huggingface_hub.constants

    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{closed_port}")
    Path("hub.yaml").write_text(SOUND.replace(SOUND.splitlines()[0], f"data: {data}"))
    started = time.monotonic()
    said = refused("run", "hub.yaml", home=home)
    assert time.monotonic() - started < 15
    assert says(said, f"data: the hub cannot be reached for '{name}' (…); {remedy}…or set HF_HUB_OFFLINE=1 …"), said


# What must be installed.


def test_an_old_python_is_told_before_anything_is_imported(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "sys", SimpleNamespace(version_info=(3, 10, 4)))
    said = call("run", "ok.yaml")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "error: Python 3.10 is too old: seedwise needs 3.11 or newer; make a virtual environment with one\n"
    )


@pytest.mark.parametrize("module", [requirements, entry, early_end, __import__("orchestrator.cli").cli])
def test_what_says_so_can_be_parsed_by_an_old_python(module: Any) -> None:
    ast.parse(Path(module.__file__).read_text("utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("installed", "message"),
    [
        ("2.4.1+cu121", "torch 2.4.1+cu121 is too old: seedwise needs 2.11 or newer: pip install 'torch>=2.11'"),
        ("1.13.0", "torch 1.13.0 is too old: seedwise needs 2.11 or newer: pip install 'torch>=2.11'"),
        (None, "torch is not installed: pip install 'torch>=2.11'"),
    ],
)
def test_an_old_torch_is_told_before_it_is_imported(
    installed: str | None, message: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(package: str) -> str:
        assert package == "torch"
        if installed is None:
            raise importlib.metadata.PackageNotFoundError(package)
        return installed

    monkeypatch.setattr(importlib.metadata, "version", version)
    said = call("run", "ok.yaml")
    assert (said.code, said.out, said.err) == (2, "", f"error: {message}\n")


# Being stopped.


@pytest.mark.parametrize("command", ["plan", "run"])
def test_ctrl_c_while_the_data_are_read_leaves_with_130_and_nothing_begun(
    command: str, call: Call, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: SyntheticSource) -> NoReturn:
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("Ctrl-C was not heard")

    monkeypatch.setattr(SyntheticSource, "load", interrupted)
    before = contents(home)
    said = call(command, "ok.yaml", "--home", str(home))
    assert (said.code, said.out) == (130, "")
    assert (
        said.err
        == {
            "plan": "interrupted; nothing that was stored is lost, and the same command goes on\n",
            "run": "stopped: SIGINT received\nnothing that was stored is lost; run the same command to go on\n",
        }[command]
    )
    assert contents(home) == before


def test_an_arm_that_diverges_while_it_is_timed_is_told_in_words(refused: Refused, home: Path) -> None:
    hot = ("--set", "training.learning_rate=1e30", "--set", "training.warmup=0")
    assert "diverges in its first steps: the " in refused("plan", "ok.yaml", *hot, home=home)
