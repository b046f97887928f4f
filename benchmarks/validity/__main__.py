"""python -m benchmarks.validity

Runs every study, or with `--only` some of them, writes docs/results/validity.csv and the tables of
docs/validity.md. `--share .01` tries it with a hundredth of the repetitions, and writes nothing.
"""

import argparse
import platform
import time
from pathlib import Path

import numpy as np
import scipy

from benchmarks.validity.judging import only_what_verdicts_rest_on
from benchmarks.validity.page import CSV, PAGE, Row, read_csv, write_between, write_csv, write_page
from benchmarks.validity.studies import all_studies
from benchmarks.validity.tally import ERRORS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of the repetitions")
    parser.add_argument("--only", metavar="TEXT", help="studies with it in their table or name: looks, say")
    arguments = parser.parse_args()
    for_keeps, earlier = arguments.share == 1, read_csv(CSV) if arguments.only else []
    started, rows = time.process_time(), list[Row]()
    with only_what_verdicts_rest_on():
        for study in all_studies():
            if (arguments.only or "") in f"{study.group}: {study.name}":
                began = time.process_time()
                shares = study.shares(arguments.share)
                rows += [Row(study.group, share) for share in shares]
                said = ", ".join(_said(row) for row in rows[-len(shares) :] if row.share.misses)
                print(f"{time.process_time() - began:6.1f} s  {study.group}: {study.name}  {said}", flush=True)
                if for_keeps:
                    write_csv(with_new(earlier, rows), CSV)
    minutes = (time.process_time() - started) / 60
    print(f"{minutes:.1f} minutes")
    if for_keeps:
        write_page(with_new(earlier, rows), PAGE)
        if not arguments.only:
            write_between(PAGE, "facts", _facts(minutes))
            write_between(PAGE, "since then", "")  # which rows were run again after the others


def with_new(earlier: list[Row], rows: list[Row]) -> list[Row]:
    """Rows of an earlier run, each in its place, as it has been found again if it has; then what is new."""
    new = {row.place: row for row in rows}
    return [new.pop(row.place, row) for row in earlier] + list(new.values())


def _said(row: Row) -> str:
    share = row.share
    return f"{share.question.of} {100 * share.share:.1f} ± {100 * share.error:.1f}"


def _facts(minutes: float) -> str:
    return (
        f"{minutes:.0f} minutes of one core ({_processor()}; Python {platform.python_version()}, numpy "
        f"{np.__version__}, scipy {scipy.__version__}). Shares are in percent, ± one Monte-Carlo standard error; "
        f"one that misses its goal by more than {ERRORS} of them is **bold**."
    )


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


if __name__ == "__main__":
    main()
