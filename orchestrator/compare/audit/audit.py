"""The audit in order: each reading of the table, from strict to wide; what agrees with it; what follows."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from orchestrator.compare.audit.agreement import MOST_SETS, Agreement, agreement
from orchestrator.compare.audit.bounds import bounds_of
from orchestrator.compare.audit.contradictions import contradictions
from orchestrator.compare.audit.findings import Finding, findings
from orchestrator.compare.audit.printed import PrintedTable
from orchestrator.compare.audit.rank_tests import permutation_is_computed
from orchestrator.compare.audit.readings import readings

MOST_PAIRS = 50_000
"""That are looked at, of each reading, unless another number is asked for: some seconds."""


@dataclass(frozen=True)
class Contradiction:
    """Why no runs agree with what is printed of an arm, whatever its numbers stand for."""

    arm: str
    why: str


@dataclass(frozen=True)
class Audit:
    """What a table can and cannot show."""

    table: PrintedTable
    agreements: tuple[Agreement, ...]
    """One a reading; the last allows all that the others allow."""
    findings: tuple[tuple[Finding, ...], ...]
    """Of each reading; none of one that nothing agrees with."""
    contradictions: tuple[Contradiction, ...]
    seed: int
    """Of the drawing of pairs, where there are too many."""

    @property
    def widest(self) -> Agreement:
        return self.agreements[-1]

    @property
    def permutation_is_computed(self) -> bool:
        """Not for many runs: see `pair_numbers`."""
        a, b = self.table.arms
        return permutation_is_computed((a.n, b.n))

    def as_json(self) -> dict[str, Any]:
        """Plain data, values in the unit of the table."""
        return {
            "items": self.table.items,
            "unit": str(self.table.unit),
            "arms": [
                {"name": arm.name, "n": arm.n, "printed": {str(s): p.text for s, p in arm.numbers.items()}}
                for arm in self.table.arms
            ],
            "readings": [
                {
                    "reading": str(found.reading.allowance),
                    "decimals": [{str(s): d for s, d in decimals.items()} for decimals in found.reading.decimals],
                    "sets": list(found.sets),
                    "pairs": found.pairs,
                    "looked_at": found.looked_at,
                    "by_moments": found.by_moments,
                    "means": [_plain(mean) for mean in found.means],
                    "sds": [_plain(sd) for sd in found.sds],
                    "ranges": {name: _plain(found_range) for name, found_range in found.ranges.items()},
                    "findings": [dataclasses.asdict(finding) for finding in said],
                }
                for found, said in zip(self.agreements, self.findings, strict=True)
            ],
            "contradictions": [dataclasses.asdict(contradiction) for contradiction in self.contradictions],
            "seed": self.seed,
        }


def audit(table: PrintedTable, most_pairs: int = MOST_PAIRS, seed: int = 0) -> Audit:
    """Raises TableError where so many sets agree with an arm that they cannot be gone through."""
    agreements: list[Agreement] = []
    for reading in readings(table):
        stricter = agreements[-1] if agreements else None
        agreements.append(agreement(table, reading, stricter, most_pairs, seed))
    return Audit(
        table=table,
        agreements=tuple(agreements),
        findings=tuple(() if found.ruled_out else findings(found, table) for found in agreements),
        contradictions=_contradictions(table, agreements[-1]),
        seed=seed,
    )


def _contradictions(table: PrintedTable, widest: Agreement) -> tuple[Contradiction, ...]:
    found = []
    for arm, sets, decimals in zip(table.arms, widest.sets, widest.reading.decimals, strict=True):
        if sets == 0:
            bounds = bounds_of(arm, decimals, table.steps_of_one, table.items)
            found += [Contradiction(arm.name, why) for why in contradictions(arm, bounds, table, MOST_SETS)]
    return tuple(found)


def _plain(found: Any) -> Any:
    return None if found is None else dataclasses.asdict(found)
