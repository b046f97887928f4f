"""What a checkpoint holds: weights, moments, how many epochs are done, and what the one under way has measured.

No random state: every random number is a function of seed and step. The bytes are safetensors, which any later
version, and any other program, can read; no pickle.
"""

import json
from dataclasses import asdict, dataclass, field, replace

import torch
from safetensors.torch import load, save
from torch import Tensor

from trainables.models import Classifier
from trainables.training import EpochSoFar

MOMENTS = ("exp_avg", "exp_avg_sq", "step")


@dataclass(frozen=True)
class TrainingState:
    """A cell between two steps: tensors by name (`model/…`, `optimizer/<moment>/…`), and how far it has come."""

    tensors: dict[str, Tensor]
    epochs_done: int
    so_far: EpochSoFar = field(default_factory=EpochSoFar)
    """Of the epoch under way; without steps between two epochs."""

    @classmethod
    def of(
        cls, model: Classifier, optimizer: torch.optim.Optimizer, epochs_done: int, so_far: EpochSoFar
    ) -> "TrainingState":
        """A copy on the CPU, so that training may go on while it is written."""
        tensors = {}
        for name, parameter in model.named_parameters():
            tensors[f"model/{name}"] = parameter.detach().cpu().clone()
            for moment in MOMENTS:
                tensors[f"optimizer/{moment}/{name}"] = optimizer.state[parameter][moment].cpu().clone()
        return cls(tensors, epochs_done, replace(so_far))

    def load_into(self, model: Classifier, optimizer: torch.optim.Optimizer) -> None:
        """Put every tensor where it was taken from."""
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.copy_(self.tensors[f"model/{name}"])
                optimizer.state[parameter] = {
                    # A fused optimizer keeps its step count on the parameter's device.
                    moment: self.tensors[f"optimizer/{moment}/{name}"].to(parameter.device, copy=True)
                    for moment in MOMENTS
                }

    def to_bytes(self) -> bytes:
        reached = {"epochs_done": self.epochs_done, "so_far": asdict(self.so_far)}
        data: bytes = save(self.tensors, metadata={"reached": json.dumps(reached)})
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> "TrainingState":
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        reached = json.loads(header["__metadata__"]["reached"])
        return cls(load(data), reached["epochs_done"], EpochSoFar(**reached["so_far"]))
