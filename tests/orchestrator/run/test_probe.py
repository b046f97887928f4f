"""A cluster whose nodes do not see the store is refused before anything is launched; here on two real raylets."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import json
import sys
from pathlib import Path
import orchestrator.run.cluster as cluster
import ray
from ray.cluster_utils import Cluster
from orchestrator.run import probe
from orchestrator.store import LocalStore
from trainables.errors import MachineError

class SeenFromOneNodeOnly(LocalStore):
    def __init__(self, root, node):
        super().__init__(root)
        self.node = node
    def elsewhere(self):
        return ray.get_runtime_context().get_node_id() != self.node

class Empty(SeenFromOneNodeOnly):
    def read(self, name):
        return None if self.elsewhere() else super().read(name)

class Refusing(SeenFromOneNodeOnly):
    def read(self, name):
        if self.elsewhere():
            raise PermissionError(13, "Permission denied", name)
        return super().read(name)

class Silent(SeenFromOneNodeOnly):
    def read(self, name):
        if self.elsewhere():
            import time
            time.sleep(60)
        return super().read(name)

class NotInstalled(SeenFromOneNodeOnly):
    def __reduce__(self):
        return rebuilt, (str(self.root), self.node)

def rebuilt(root, node):
    if ray.get_runtime_context().get_node_id() != node:
        raise ModuleNotFoundError("No module named 'orchestrator'")
    return NotInstalled(Path(root), node)

root, said = Path(sys.argv[1]), {}
two = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
other = two.add_node(num_cpus=1)

def asked(what, store, nodes, patience_s=60.0):
    probe.PROBE_TIMEOUT_S = patience_s
    try:
        probe.check_nodes_reach(store, nodes)
        said[what] = "all see it"
    except MachineError as error:
        said[what] = str(error)
    assert not [file for file in (root / "home").rglob("*") if file.is_file()], "the probe left something behind"

with cluster.running_ray(two.address, root / "ray.log") as nodes:
    nodes = sorted(nodes, key=lambda node: node.id == other.node_id)
    assert [node.id == other.node_id for node in nodes] == [False, True], nodes
    nodes = [cluster.Node(name, 1, 0, node.id) for name, node in zip(("here", "there"), nodes)]
    home = root / "home"
    asked("shared", LocalStore(home), nodes)
    for kind in (Empty, Refusing, NotInstalled):
        asked(kind.__name__, kind(home, nodes[0].id), nodes)
    asked("another home", Empty(home, "no node's"), nodes)
    asked("Silent", Silent(home, nodes[0].id), nodes, patience_s=5.0)
    two.remove_node(other)
    asked("died", LocalStore(home), nodes)
two.shutdown()
(root / "said.json").write_text(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of each kind of store, seen from `here`, and not from `there`."""
    place = tmp_path_factory.mktemp("cluster")
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(place)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads((place / "said.json").read_text())
    return found


def test_a_store_that_every_node_reads_is_good(said: dict[str, str]) -> None:
    assert said["shared"] == "all see it"


@pytest.mark.parametrize(
    "why",
    [
        pytest.param("Empty", id="the node has another disk"),
        pytest.param("Refusing", id="the node may not read it"),
        pytest.param("NotInstalled", id="the node cannot import the project"),
        pytest.param("Silent", id="the node does not answer in time"),
        pytest.param("died", id="the node has died"),
    ],
)
def test_a_node_that_does_not_read_what_the_driver_has_written_is_named_with_the_remedy(
    why: str, said: dict[str, str]
) -> None:
    assert " cannot be reached from there: every node must have seedwise installed, and see it under" in said[why]
    assert said[why].endswith("with --home, or name an object storage with --store")


def test_all_nodes_that_do_not_see_it_are_named(said: dict[str, str]) -> None:
    assert " cannot be reached from here, there: " in said["another home"]
