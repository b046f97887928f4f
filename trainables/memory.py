"""Memory that has run out, told apart from other faults.

Python and NumPy have an error of their own for it; torch's says it on a GPU only, elsewhere in words. That the
word "memory" stands in a message tells nothing: an illegal memory access is a defect.
"""

import re

import torch

WORDS = re.compile(
    r"out of memory|not enough memory|can(no|')t allocate memory|bad_alloc|_STATUS_ALLOC_FAILED", re.IGNORECASE
)
"""What torch's allocators, the system (ENOMEM), C++ and the libraries of CUDA say."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the error is that memory, of the machine or of a card, has run out."""
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or bool(WORDS.search(str(error)))
