"""The cells that are in no mean, each with what became of it."""

from collections import Counter

from orchestrator.report.content import Section, Table
from orchestrator.report.material import Material

COLUMNS = ("cell", "status", "epochs", "why")
MEANINGS = {
    "diverged": "diverged: the loss became no number, which is an outcome and not tried again",
    "failed": "failed: its own code raised, and the next run tries it again",
    "begun": "begun: the next run goes on with it",
    "new": "new: not begun",
}
LONGEST_REASON = 160


def section(material: Material) -> Section | None:
    """None where all cells are finished."""
    undone = material.table.frame[material.table.frame["status"] != "finished"]
    if undone.empty:
        return None
    counts = Counter(undone["status"])
    meant = "; ".join(f"{counts[status]} {said}" for status, said in MEANINGS.items() if counts[status])
    told = undone[undone["status"] != "new"]
    rows = [
        [
            f"{cell.arm}, seed {cell.seed}",
            str(cell.status),
            str(cell.epochs),
            _why(material, str(cell.arm), int(str(cell.seed))),
        ]
        for cell in told.itertuples()
    ]
    new = undone[undone["status"] == "new"].groupby("arm", sort=False)["seed"]
    rows += [[f"{arm}, {_seeds(list(seeds))}", "new", "0", ""] for arm, seeds in new]
    return Section(
        name="unfinished",
        heading="Not finished",
        sees=f"{len(undone)} of {len(material.table.frame)} cells are in no mean: {meant}.",
        parts=(Table.of("Each of them", COLUMNS, rows, ("status", "why")),),
        numbers=undone[["arm", "seed", "status", "epochs"]].to_dict("records"),
    )


def _seeds(seeds: list[int]) -> str:
    """Of a sweep that has just begun there may be hundreds, of which there is nothing to say."""
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    first, last = min(seeds), max(seeds)
    in_a_row = last - first == len(seeds) - 1
    return f"seeds {first} to {last}" if in_a_row else f"{len(seeds)} seeds from {first} to {last}"


def _why(material: Material, arm: str, seed: int) -> str:
    said = material.table.troubles.get((arm, seed), "").strip()
    first = said.splitlines()[0] if said else ""
    return first if len(first) <= LONGEST_REASON else first[:LONGEST_REASON] + " …"
