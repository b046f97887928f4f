"""Which rows train, which validate, which test.

In: a corpus' labels and groups, the split's settings, the split's random stream. Out: row numbers by part.
Never reads the texts: a worker that holds only tokens can split.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from trainables.settings import Settings


class PartSettings(Settings):
    """One part of the split, drawn from one of the source's official splits."""

    of: str
    """The official split it is drawn from: `train`, `test`, or `all` where the source has none."""

    size: Annotated[int, Field(ge=1)] | Annotated[float, Field(gt=0, lt=1)] | Literal["rest"] = "rest"
    """A number of rows, a share of the official split's rows, or the rows that the other parts leave over."""


def _short(value: Any) -> Any:
    """`train` in a sweep file is short for `{of: train, size: rest}`."""
    return {"of": value} if isinstance(value, str) else value


Part = Annotated[PartSettings, BeforeValidator(_short)]


class SplitSettings(Settings):
    """How the rows are dealt out. The split belongs to the sweep: all its seeds share it unless `varies_by_seed`."""

    train: Part = PartSettings(of="train")
    validation: Part = PartSettings(of="test", size=2500)
    test: Part | None = PartSettings(of="test")
    """The part that is touched once, at the end. None where there is nothing to spare."""

    stratify: bool = True
    """Keep each part's class shares equal to those of the official split it is drawn from (within one row)."""

    seed: int = Field(default=0, ge=0)
    """The replicate number of the split's random stream, unless `varies_by_seed`."""

    varies_by_seed: bool = False
    """Draw another split for each seed of the sweep. The comparison then corrects its variance for it."""

    limit_rows: int | None = Field(default=None, ge=2)
    """Keep at most this many rows of each part (drawn, not the first ones); None keeps all."""
