"""Whether every node of a cluster reaches the store, asked before anything is launched."""

import uuid
from collections.abc import Sequence

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from orchestrator.run.cluster import Node
from orchestrator.store import ObjectStore, Store
from trainables.errors import MachineError

PROBE_TIMEOUT_S = 60.0


def check_nodes_reach(store: Store, nodes: Sequence[Node]) -> None:
    """Raise MachineError, naming the nodes, unless each reads what the driver has just written."""
    name = f"probes/{uuid.uuid4().hex}"
    store.create(name, b"seen")
    try:
        asked = {
            _sees.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node.id, soft=False)).remote(
                store, name
            ): node
            for node in nodes
        }
        answered, _ = ray.wait(list(asked), num_returns=len(asked), timeout=PROBE_TIMEOUT_S)
        blind = [node.name for answer, node in asked.items() if answer not in answered or not _said(answer)]
    finally:
        store.delete(name)
    if blind:
        needed = (
            f"have the storage's client (seedwise[{store.kind.extra}]), a way to it, and credentials for it in the "
            "environment"
            if isinstance(store, ObjectStore)
            else "see it under the same path; put it on a shared file system and name it with --home, or name an "
            "object storage with --store"
        )
        raise MachineError(
            f"{store.url} cannot be reached from {', '.join(blind)}: every node must have seedwise installed, "
            f"and {needed}"
        )


def _said(answer: ray.ObjectRef) -> bool:
    try:
        return bool(ray.get(answer))
    except ray.exceptions.RayError:  # the node died, or cannot import this project
        return False


@ray.remote(num_cpus=0)  # type: ignore[untyped-decorator]
def _sees(store: Store, name: str) -> bool:
    try:
        return store.read(name) == b"seen"
    except Exception:  # whatever keeps the node from reading it, it does not see it
        return False
