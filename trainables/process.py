"""Process state that a cell's bits or speed depend on.

A worker that trained another cell before keeps what that cell set, so all of it is set at each cell's start.
"""

import os

import torch


def set_process_state(*, threads: int, deterministic: bool) -> None:
    """Threads, determinism, precision and denormals, for the cell that follows."""
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    # cuBLAS reads it when its handle is made; without it deterministic matrix products raise on GPUs.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    # torch.use_deterministic_algorithms sets the same switch, but imports torch's compiler to tell it, too: 1.3 s.
    torch.set_deterministic_debug_mode("error" if deterministic else "default")
    # A debugging aid that costs a pass of memory. (The module swaps its own class, which mypy cannot see.)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    torch.set_float32_matmul_precision("highest" if deterministic else "high")
    # Adam's first moments of tokens not seen for some 800 steps fall below 1e-38, where each product costs a
    # hundred cycles; flushed to zero they cost one. The switch belongs to the thread that sets it.
    torch.set_flush_denormal(True)
