"""A cluster whose nodes do not see the store is refused before anything is launched; here on two real raylets."""

import subprocess
import sys

SCRIPT = """
import sys
from pathlib import Path
import orchestrator.run.cluster as cluster
import ray
from ray.cluster_utils import Cluster
from orchestrator.run.probe import check_nodes_reach
from orchestrator.store import LocalStore
from trainables.errors import MachineError

class SeenFromOneNodeOnly(LocalStore):
    def __init__(self, root, node):
        super().__init__(root)
        self.node = node
    def read(self, name):
        return super().read(name) if ray.get_runtime_context().get_node_id() == self.node else None

root = Path(sys.argv[1])
two = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
two.add_node(num_cpus=1)
with cluster.running_ray(two.address, root / "ray.log") as nodes:
    assert len(nodes) == 2, nodes
    check_nodes_reach(LocalStore(root / "home"), nodes)
    try:
        check_nodes_reach(SeenFromOneNodeOnly(root / "home", nodes[0].id), nodes)
    except MachineError as error:
        message = str(error)
print(message)
assert not [file for file in (root / "home").rglob("*") if file.is_file()]
two.shutdown()
"""


def test_each_node_of_a_cluster_must_read_what_the_driver_has_written(tmp_path):
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "cannot be reached from" in done.stdout
    assert "shared file system" in done.stdout
