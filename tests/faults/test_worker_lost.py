"""A trial's process dies, again and again, is frozen for longer than its lease, or runs out of memory."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from ledger import assert_as_undisturbed
from processes import PATIENCE_S, TINY_QUICKSTART


def workers_of(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Those that hold a cell, whose title Ray has set."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            # The one title is that of a trial between two steps, the other that of one in a step.
            if any(title in " ".join(child.cmdline()) for title in ("ray::CellTrial", "ray::ResourceTrainable")):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def raylets_of(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """What starts the workers of a local Ray, and ends them."""
    return [child for child in psutil.Process(process.pid).children() if child.name() == "raylet"]


def wait_for(home: Path, pattern: str, process: "subprocess.Popen[str]") -> None:
    while not list(home.glob(pattern)):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def flags_of(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """What carries the word to stop from the driver to its trials."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "ray::_Flag" in " ".join(child.cmdline()):
                found.append(child)
    return found


@pytest.mark.campaign
def test_the_process_that_carries_the_word_to_stop_dies_and_stops_nothing_and_the_word_still_comes(
    tmp_path, start_seedwise, seedwise, undisturbed_home
):
    longer = (*TINY_QUICKSTART, "--set", "training.epochs=200", "--set", "resources.stop_within_s=300")
    process = start_seedwise(*longer, home=tmp_path)
    wait_for(tmp_path, "cells/*/history/0001.json", process)
    (flag,) = flags_of(process)
    flag.kill()
    flag.wait()
    had = len(list(tmp_path.glob("cells/*/history/*.json")))
    while len(list(tmp_path.glob("cells/*/history/*.json"))) < had + 6:  # epochs end, and no cell
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    while not flags_of(process):  # started anew
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 128 + signal.SIGTERM, out + err
    assert "left no checkpoint" not in out, "the word has come"
    assert ": lost" not in out


@pytest.mark.campaign
def test_a_sweep_whose_carrier_of_the_word_to_stop_dies_again_and_again_finishes(
    tmp_path, start_seedwise, undisturbed_home
):
    process, killed = start_seedwise(*TINY_QUICKSTART, home=tmp_path), 0
    while process.poll() is None:
        for flag in flags_of(process):
            flag.kill()
            killed += 1
        time.sleep(0.2)
    out, err = process.communicate()
    assert process.returncode == 0, out + err
    assert killed
    assert_as_undisturbed("what tells trials to stop killed (SIGKILL)", tmp_path, undisturbed_home, kills=killed)


@pytest.mark.campaign
def test_a_cell_whose_workers_all_die_is_left_to_the_next_run(tmp_path, start_seedwise, seedwise, undisturbed_home):
    process, killed = start_seedwise(*TINY_QUICKSTART, home=tmp_path), 0
    while process.poll() is None:
        for worker in workers_of(process):
            worker.kill()
            killed += 1
        time.sleep(0.05)
    out, err = process.communicate()
    assert process.returncode == 1, out + err
    assert "lost 4 workers" in out
    assert killed >= 4
    seedwise(*TINY_QUICKSTART, home=tmp_path)
    assert_as_undisturbed("worker killed until no retry was left", tmp_path, undisturbed_home, kills=killed)


@contextlib.contextmanager
def frozen(processes: list[psutil.Process]) -> Iterator[None]:
    """They stand still inside, whoever dies meanwhile.

    When nobody of a stopped process's group has a parent in the session any more, the kernel wakes it (SIGHUP, then
    SIGCONT): a worker whose raylet is killed would go on, see that, and end. Each has a group of its own, so a
    sleeper of ours joins it.
    """
    sleepers = [subprocess.Popen(["sleep", "infinity"], process_group=os.getpgid(each.pid)) for each in processes]
    try:
        for each in processes:
            each.send_signal(signal.SIGSTOP)
        while {each.status() for each in processes} != {psutil.STATUS_STOPPED}:
            time.sleep(0.01)
        yield
        assert {each.status() for each in processes} == {psutil.STATUS_STOPPED}
    finally:
        for each in processes:
            with contextlib.suppress(psutil.NoSuchProcess):  # a test that fails must leave none behind
                each.send_signal(signal.SIGCONT)
        for sleeper in sleepers:
            sleeper.kill()
            sleeper.wait()


@pytest.mark.campaign
def test_a_worker_that_was_frozen_while_others_finished_its_cell_changes_nothing(
    tmp_path, start_seedwise, seedwise, undisturbed_home
):
    process = start_seedwise(*TINY_QUICKSTART, home=tmp_path)
    wait_for(tmp_path, "cells/*/history/0001.json", process)
    workers = workers_of(process)
    assert workers
    with frozen(workers):
        for raylet in raylets_of(process):  # first, for it ends its workers if it is the last to go, frozen or not
            raylet.kill()
        process.kill()
        process.communicate()
        seedwise(*TINY_QUICKSTART, home=tmp_path)  # waits a minute for their leases
    _, still_there = psutil.wait_procs(workers, timeout=PATIENCE_S)
    assert not still_there
    assert_as_undisturbed(
        "worker frozen (SIGSTOP), its cell taken over, and back (SIGCONT)", tmp_path, undisturbed_home
    )


def test_a_worker_that_ray_kills_for_its_memory_is_told_of_as_such_and_its_cell_left_to_the_next_run(
    tmp_path, seedwise, here, undisturbed_home, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setenv("RAY_memory_usage_threshold", "0.001")  # more is in use, whatever runs
        patched.setenv("RAY_memory_monitor_refresh_ms", "100")
        done = seedwise(*TINY_QUICKSTART, home=tmp_path, code=1)
    assert re.search("lost 4 workers: Ray ended (them|[1-3] of them), for the node ran out of memory", done.stdout)
    assert "needs less" in done.stdout
    here(*TINY_QUICKSTART, home=tmp_path)
    assert_as_undisturbed("worker over Ray's memory threshold", tmp_path, undisturbed_home)


NODES = """
import os, sys, time
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
cluster.add_node(num_cpus=1)
doomed = cluster.add_node(num_cpus=1)
print(cluster.address, flush=True)
sys.stdin.readline()
cluster.remove_node(doomed, allow_graceful=False)
print("gone", flush=True)
sys.stdin.readline()
cluster.shutdown()
"""


def test_the_trials_of_a_lost_node_go_on_on_another(
    tmp_path, start_seedwise, undisturbed_home, monkeypatch, ray_folder
):
    """`ray_folder`: the file that names the current cluster lies there."""
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    nodes = subprocess.Popen(
        [sys.executable, "-c", NODES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert nodes.stdin is not None
    assert nodes.stdout is not None
    address = nodes.stdout.readline().strip()
    try:
        process = start_seedwise(*TINY_QUICKSTART, "--address", address, home=tmp_path)
        wait_for(tmp_path, "cells/*/history/0001.json", process)
        nodes.stdin.write("now\n")
        nodes.stdin.flush()
        assert nodes.stdout.readline() == "gone\n"
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, out + err
    finally:
        nodes.communicate("over\n", timeout=PATIENCE_S)
    assert_as_undisturbed("node lost with its trials", tmp_path, undisturbed_home)
