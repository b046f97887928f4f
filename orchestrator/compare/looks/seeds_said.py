"""Seeds in words, and as the option that asks for them."""

from collections.abc import Collection


def seeds_said(seeds: Collection[int]) -> str:
    """`0 to 4, 7 and 8`"""
    runs: list[list[int]] = []
    for seed in sorted(seeds):
        if runs and seed == runs[-1][-1] + 1:
            runs[-1].append(seed)
        else:
            runs.append([seed])
    parts = [part for run in runs for part in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run))]
    return " and ".join([*([", ".join(parts[:-1])] if parts[1:] else []), parts[-1]])


def seeds_option(seeds: Collection[int]) -> str:
    """`--set seeds=10`, or with each of them."""
    every = sorted(seeds)
    asked = str(len(every)) if every == list(range(len(every))) else f"[{','.join(map(str, every))}]"
    return f"--set seeds={asked}"
