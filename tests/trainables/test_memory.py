"""Only what says that memory has run out is taken for it: other faults speak of memory, too."""

import errno
import os

import numpy as np
import pytest
import torch

from trainables.memory import is_out_of_memory


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 64 bytes"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("std::bad_alloc"),
        OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)),
    ],
)
def test_memory_that_has_run_out_is_known_by_its_type_or_its_words(error: Exception) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize("allocate", [np.empty, torch.empty], ids=["numpy", "torch"])
def test_what_really_does_not_fit_is_known(allocate: type) -> None:
    with pytest.raises((MemoryError, RuntimeError)) as caught:
        allocate((2**40, 2**10))
    assert is_out_of_memory(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        "CUDA error: an illegal memory access was encountered",
        "unsupported operation: some elements of the input tensor refer to a single memory location",
        "pin memory thread exited unexpectedly",
        "input is not contiguous in memory format channels_last",
    ],
)
def test_what_only_speaks_of_memory_is_another_fault(words: str) -> None:
    assert not is_out_of_memory(RuntimeError(words))
