"""Starting Ray, and what a trial takes of a node. No Ray is started here."""

import ctypes
import gc
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orchestrator.run import cluster
from orchestrator.run.cluster import Node, running_ray, trial_resources
from orchestrator.spec import Resources
from trainables.errors import MachineError

ROOT = Path(__file__).parents[3]


def started_with(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What each start of Ray is given, with the token that it would find."""
    starts: list[dict[str, Any]] = []

    def init(**options: Any) -> None:
        starts.append(options | {"token": os.environ.get("RAY_AUTH_TOKEN")})

    monkeypatch.setattr(cluster.ray, "init", init)
    monkeypatch.setattr(cluster.ray, "nodes", list)
    monkeypatch.setattr(cluster.ray, "shutdown", lambda: None)
    return starts


def test_two_starts_in_one_process_share_a_token_for_ray_reads_it_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    starts = started_with(monkeypatch)
    for _ in range(2):
        with running_ray(None, tmp_path / "ray.log"):
            pass
    assert [start["address"] for start in starts] == ["local", "local"]
    assert starts[0]["token"] == starts[1]["token"]
    assert re.fullmatch("[0-9a-f]{64}", starts[0]["token"])


@pytest.mark.parametrize("address", [None, "auto"])
def test_no_thread_collects_garbage_while_ray_shuts_down_for_a_reference_into_ray_would_end_the_process(
    address: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    collects: list[bool] = []
    started_with(monkeypatch)
    monkeypatch.setattr(cluster.ray, "shutdown", lambda: collects.append(gc.isenabled()))
    with running_ray(address, tmp_path / "ray.log"):
        collects.append(gc.isenabled())
    assert [*collects, gc.isenabled()] == [True, False, True]


@pytest.mark.parametrize("address", [None, "auto"])
def test_signals_are_still_heard_once_ray_has_ended_though_it_gives_sigterm_back_to_the_system(
    address: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    heard: list[int] = []
    started_with(monkeypatch)
    default = ctypes.c_void_p(0)
    monkeypatch.setattr(cluster.ray, "shutdown", lambda: ctypes.CDLL(None).signal(signal.SIGTERM, default))
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        with running_ray(address, tmp_path / "ray.log"):
            pass
        caught = int(re.findall(r"SigCgt:\s*(\w+)", Path("/proc/self/status").read_text())[0], 16)
        assert caught >> (signal.SIGTERM - 1) & 1, "it would end this process"
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]


def test_what_is_printed_while_ray_runs_goes_to_its_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    started_with(monkeypatch)
    with running_ray(None, tmp_path / "logs" / "ray.log"):
        print("noise")
    assert (tmp_path / "logs" / "ray.log").read_text() == "noise\n"
    assert capsys.readouterr() == ("", "")


def test_a_local_ray_has_the_cores_that_this_process_may_use_and_a_cluster_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[dict[str, Any]] = []
    monkeypatch.setattr(cluster.ray, "init", lambda **options: started.append(options))
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 2, 5}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    for address in (None, "auto"):
        cluster._start(address)
    assert started[0]["num_cpus"] == 3
    assert "num_cpus" not in started[1]


@pytest.mark.parametrize(("own", "workers"), [("/modules", f"{ROOT}:${{PYTHONPATH}}"), ("", str(ROOT))])
def test_workers_find_the_project_and_what_their_machine_names_besides(
    own: str, workers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, Any]] = []
    monkeypatch.setattr(cluster.ray, "init", lambda **options: started.append(options))
    monkeypatch.setenv("PYTHONPATH", own)
    cluster._start(None)
    assert started[0]["runtime_env"] == {"env_vars": {"PYTHONPATH": workers}}


def test_a_log_that_cannot_be_written_is_told_before_ray_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    starts = started_with(monkeypatch)
    (tmp_path / "file").touch()
    with (
        pytest.raises(MachineError, match=r"the log .*ray\.log cannot be written: .*choose another place"),
        running_ray(None, tmp_path / "file" / "ray.log"),
    ):
        pass
    assert starts == []


@pytest.mark.parametrize(
    ("wanted", "nodes", "taken"),
    [
        (Resources(cpus=1), [Node("a", 4, 0)], (1, 0)),  # auto: no card, no share
        (Resources(cpus=1), [Node("a", 4, 1)], (1, 1 / 4)),  # four trials by CPUs share the card
        (Resources(cpus=2), [Node("a", 4, 1)], (2, 1 / 2)),
        (Resources(cpus=1), [Node("a", 64, 1)], (1, 1 / 8)),  # eight trials a card at the most
        (Resources(cpus=1), [Node("a", 64, 8)], (1, 1 / 8)),
        (Resources(cpus=8), [Node("a", 8, 4)], (8, 1)),  # a trial never takes more than one card
        (Resources(cpus=3), [Node("a", 4, 0), Node("b", 2, 1)], (3, 0)),  # the card's node has too few CPUs
        (Resources(cpus=1), [Node("a", 64, 1), Node("b", 1, 1)], (1, 1 / 8)),  # a small node costs a large one none
        (Resources(cpus=1), [Node("a", 4, 4), Node("b", 4, 1)], (1, 1 / 4)),
        (Resources(cpus=1, gpus=0), [Node("a", 4, 1)], (1, 0)),
        (Resources(cpus=1, gpus=0.5), [Node("a", 4, 0), Node("b", 4, 1)], (1, 0.5)),
    ],
)
def test_a_trial_takes_its_share_of_a_card(
    wanted: Resources, nodes: list[Node], taken: tuple[float, float]
) -> None:
    assert trial_resources(wanted, tuple(nodes)) == {"cpu": taken[0], "gpu": taken[1]}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Resources(cpus=5), "5 CPUs and 0 GPUs"),
        (Resources(cpus=8, gpus=1), "8 CPUs and 1 GPU"),
        (Resources(cpus=4, gpus=1), "4 CPUs and 1 GPU"),  # each node has one of the two
    ],
)
def test_what_no_single_node_has_is_refused_with_what_there_is(wanted: Resources, said: str) -> None:
    nodes = (Node("a", 4, 0), Node("b", 2, 1))
    message = f"a trial asks for {said}, which no node has (a: 4 CPUs, 0 GPUs; b: 2 CPUs, 1 GPU); lower resources"
    with pytest.raises(MachineError, match=re.escape(message)):
        trial_resources(wanted, nodes)


@pytest.mark.parametrize("address", ["auto", "nonsense", "host:port"])
def test_an_address_that_only_ray_can_read_is_left_to_ray(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    starts = started_with(monkeypatch)
    with running_ray(address, tmp_path / "ray.log"):
        pass
    assert [start["address"] for start in starts] == [address]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (None, "Ray cannot be started (the raylet did not start); its log: LOG"),
        (
            "auto",
            "the Ray cluster at auto cannot be joined (the raylet did not start); mend --address, or leave it out "
            "for Ray on this machine; its log: LOG",
        ),
    ],
)
def test_what_keeps_ray_from_starting_is_told_with_its_log_and_nothing_is_printed(
    address: str | None,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def init(**_: Any) -> None:
        print("pages of noise")
        raise ConnectionError("the raylet did not start")

    started_with(monkeypatch)
    monkeypatch.setattr(cluster.ray, "init", init)
    log = tmp_path / "ray.log"
    with pytest.raises(MachineError) as refused, running_ray(address, log):
        pytest.fail("it did not start")
    assert str(refused.value) == message.replace("LOG", str(log))
    again = "Ray did not start (the raylet did not start); once more\n"
    noise = [again.join(["pages of noise\n"] * 3), "pages of noise\n"][address == "auto"]
    assert (log.read_text(), capsys.readouterr()) == (noise, ("", ""))


def test_a_folder_whose_path_is_too_long_for_rays_sockets_is_told_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def init(**_: Any) -> None:
        raise OSError("AF_UNIX path length cannot exceed 107 bytes: /…")

    monkeypatch.setattr(cluster.ray, "init", init)
    remedy = "a shorter path for its files, e.g. RAY_TMPDIR=/tmp; its log"
    with pytest.raises(MachineError, match=remedy), running_ray(None, tmp_path / "ray.log"):
        pytest.fail("it did not start")


def test_a_local_ray_that_did_not_start_leaves_no_process_and_is_started_once_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    half_started: list[subprocess.Popen[bytes]] = []

    def init(**_: Any) -> None:
        if not half_started:
            half_started.append(subprocess.Popen(["sleep", "60"]))
            raise TimeoutError("The current node timed out during startup.")

    started_with(monkeypatch)
    monkeypatch.setattr(cluster.ray, "init", init)
    with running_ray(None, tmp_path / "ray.log"):
        assert half_started[0].wait(10) == -signal.SIGKILL


@pytest.mark.parametrize("variable", ["RAY_TMPDIR", "TMPDIR", ""])
def test_a_local_ray_without_room_for_its_files_is_told_at_once_with_their_place(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("RAY_TMPDIR", "TMPDIR"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path))
    place = tmp_path if variable else Path("/tmp")
    monkeypatch.setattr(cluster, "free", lambda folder: 4096 if folder == place else 10**9)
    starts = started_with(monkeypatch)
    with pytest.raises(MachineError) as refused, running_ray(None, tmp_path / "ray.log"):
        pytest.fail("it started")
    assert str(refused.value).startswith(f"Ray cannot be started, for it keeps files in {place}, and no space is")
    assert str(refused.value).endswith(f"; free some, or name another folder with {variable or 'TMPDIR'}")
    assert starts == []
