"""Printed tables to audit."""

from orchestrator.compare.audit import Printed, PrintedArm, PrintedTable, Statistic, Unit


def printed_arm(name: str, n: int, **numbers: str) -> PrintedArm:
    return PrintedArm(name, n, {Statistic(key): Printed.read(text) for key, text in numbers.items()})


def printed_table(a: PrintedArm, b: PrintedArm, items: int, unit: Unit | None = None) -> PrintedTable:
    return PrintedTable.of((a, b), items, unit)


BCE = {"min": "85.48", "mean": "86.1", "median": "86.32", "max": "86.52"}
CE = {"min": "84.24", "mean": "85.84", "median": "86.36", "max": "86.6"}
"""Five runs each on 2,500 reviews: doi 10.17770/het2024.28.8251."""
