"""What a record that could not be made says to a user: MLflow and its databases have errors of many kinds."""

from trainables.disk import has_no_temporary_space, is_full, no_temporary_space
from trainables.errors import UserError


def in_words(error: Exception) -> str:
    """What it says, and of what kind it is where it was not made to be read."""
    if is_full(error) and has_no_temporary_space():
        return no_temporary_space("what MLflow is to hold")
    return str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
