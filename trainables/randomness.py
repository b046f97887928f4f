"""One seed, many named random streams.

Every random number of a cell is a function of (seed, stream name, counters) and of nothing that ran before:
`streams.torch("dropout", step)` is the same generator state in a fresh worker, in a reused one, and after a
resume in the middle. So two arms with the same seed see the same start, batches and dropout whatever else they
draw, and a checkpoint needs no random state at all: the step number is enough.

Streams in use: `init/<parameter>`, `order/<epoch>`, `tokens/<step>` (token dropout), `dropout/<step>`, `split`,
`limit/<part>`.
"""

import hashlib

import numpy as np
import torch


class Streams:
    """The named streams of one seed."""

    def __init__(self, seed: int):
        self.seed = seed

    def derive(self, *name: str | int) -> int:
        """A 63-bit seed for the stream of that name: SHA-256 of seed and name.

        torch's generator on CPUs takes its low 32 bits only: one in 4 billion pairs of streams agree.
        """
        text = "/".join(str(part) for part in (self.seed, *name))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") >> 1

    def torch(self, *name: str | int, device: torch.device | str = "cpu") -> torch.Generator:
        """A torch generator at the start of the named stream."""
        return torch.Generator(device).manual_seed(self.derive(*name))

    def numpy(self, *name: str | int) -> np.random.Generator:
        """A numpy generator (PCG64) at the start of the named stream."""
        return np.random.Generator(np.random.PCG64(self.derive(*name)))
