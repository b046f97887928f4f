"""What the cells were trained on, in words: a warning where it is not the same for all of them."""

from orchestrator.results import ResultTable


def environment_sentence(table: ResultTable) -> str:
    """One kind, or which arms were trained on which; and the cells that went on elsewhere than they had begun."""
    kinds = table.environments.drop(columns="seed").groupby(["device", "threads", "torch"])["arm"]
    said = {
        f"{device}, {threads} thread{'s' if threads != 1 else ''}, torch {torch}": ", ".join(dict.fromkeys(arms))
        for (device, threads, torch), arms in kinds
    }
    moved = [f"{m.arm}, seed {m.seed} ({m.reached}: {m.changes})" for m in table.moves.itertuples()]
    resumed = f" Resumed in another environment, so not bit for bit as in one: {'; '.join(moved)}." * bool(moved)
    if len(said) < 2:
        one = "".join(f"All cells were trained on one kind of environment: {kind}." for kind in said)
        return (one or "No cell is finished.") + resumed
    return (
        "Cells were trained in different environments, which can move their numbers by rounding and more; "
        "where arms differ in it, so may what is compared: "
        + "; ".join(f"{kind} ({arms})" for kind, arms in said.items())
        + "."
        + resumed
    )
