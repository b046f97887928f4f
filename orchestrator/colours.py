"""The colour of each arm: the same in every figure and in MLflow's page."""

from collections.abc import Iterable

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito (2008): told apart by the colour-blind, and in print."""


def arm_colours(arms: Iterable[str]) -> dict[str, str]:
    """By arm, in the order of the plan; after seven they begin anew."""
    return {arm: COLOURS[i % len(COLOURS)] for i, arm in enumerate(arms)}
