"""Whether torch can use the cards that Ray counts, asked before anything is launched.

Ray asks the card's driver, torch asks CUDA: with a build of torch for processors, or one that wants a newer driver,
the one sees a card and the other none. A trial would then hold its share of the card and train on the processor.
"""

import dataclasses
import os
import subprocess
import sys
from collections.abc import Collection, Sequence

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from orchestrator.run.cluster import Node
from orchestrator.spec import Resources
from trainables.errors import MachineError

ANSWER_TIMEOUT_S = 60.0
ASK = "import torch; print(torch.cuda.is_available())"


def nodes_without_cuda(nodes: Sequence[Node], local: bool) -> list[Node]:
    """Those with cards of which torch there sees none. `local`: they are this machine."""
    with_cards = [node for node in nodes if node.gpus]
    if local:
        import torch  # here, so that a machine without a card need not wait for it

        return [] if torch.cuda.is_available() else with_cards
    asked = {
        _torch_sees_a_card.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(node.id, soft=False)
        ).remote(): node
        for node in with_cards
    }
    if not asked:
        return []
    answered, _ = ray.wait(list(asked), num_returns=len(asked), timeout=ANSWER_TIMEOUT_S)
    return [asked[answer] for answer in answered if not ray.get(answer)]


def usable_cards(
    wanted: Resources, nodes: Sequence[Node], without_cuda: Collection[Node]
) -> tuple[tuple[Node, ...], str]:
    """The nodes, without cards where torch sees none, and what is to be said of those; empty for nothing.

    Raises MachineError where they were asked for by a number, and not by `auto`.
    """
    if not without_cuda or wanted.gpus == 0:
        return tuple(nodes), ""
    where = ", ".join(node.name for node in without_cuda)
    remedy = "install a build of torch that fits the driver (nvidia-smi names it)"
    if wanted.gpus != "auto":
        raise MachineError(
            f"resources.gpus is {wanted.gpus:g}, but on {where} torch sees no card, though Ray counts some; "
            f"{remedy}, or set resources.gpus: 0 to train on the processor"
        )
    seen = tuple(dataclasses.replace(node, gpus=0.0) if node in without_cuda else node for node in nodes)
    return (
        seen,
        f"on {where} torch sees no card, though Ray counts some: trials there train on the processor; {remedy}",
    )


@ray.remote(num_cpus=0)  # type: ignore[untyped-decorator]
def _torch_sees_a_card() -> bool:
    """In a process of its own: Ray hides all cards from a worker without a share, and torch looks but once."""
    environment = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    asked = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, env=environment)
    return asked.stdout.strip() == "True"
