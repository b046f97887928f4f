"""What a checkpoint holds: weights, moments, and how many epochs are done.

No random state: every random number is a function of seed and step. The bytes are safetensors, which any later
version, and any other program, can read; no pickle.
"""

import json
from dataclasses import dataclass

import torch
from safetensors.torch import load, save
from torch import Tensor

from trainables.models import Classifier

MOMENTS = ("exp_avg", "exp_avg_sq", "step")


@dataclass(frozen=True)
class TrainingState:
    """A cell between two epochs: tensors by name (`model/…`, `optimizer/<moment>/…`) and the epochs done."""

    tensors: dict[str, Tensor]
    epochs_done: int

    @classmethod
    def of(cls, model: Classifier, optimizer: torch.optim.Optimizer, epochs_done: int) -> "TrainingState":
        """A copy on the CPU, so that training may go on while it is written."""
        tensors = {}
        for name, parameter in model.named_parameters():
            tensors[f"model/{name}"] = parameter.detach().cpu().clone()
            for moment in MOMENTS:
                tensors[f"optimizer/{moment}/{name}"] = optimizer.state[parameter][moment].cpu().clone()
        return cls(tensors, epochs_done)

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
        data: bytes = save(self.tensors, metadata={"epochs_done": str(self.epochs_done)})
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> "TrainingState":
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        return cls(load(data), int(header["__metadata__"]["epochs_done"]))
