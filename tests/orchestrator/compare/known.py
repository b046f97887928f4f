"""Data with published answers."""

import numpy as np

DRUG_1 = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
DRUG_2 = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
"""Hours of sleep gained by the same ten people (Student, 1908): R's `sleep`."""

BCE = np.array([85.48, 85.76, 86.32, 86.44, 86.52])
CE = np.array([84.24, 85.52, 86.36, 86.48, 86.60])
"""Five runs each that agree with the table of doi 10.17770/het2024.28.8251."""

PERMEABILITY_TERM = np.array([0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46])
PERMEABILITY_WEEK_12 = np.array([1.15, 0.88, 0.90, 0.74, 1.21])
"""Hollander and Wolfe, *Nonparametric Statistical Methods*, table 4.1."""

_ROWS = ("110", "100", "111", "010", "110", "100", "111", "101", "110", "110", "100", "110")
TASKS = np.array([[int(mark) for mark in row] for row in _ROWS], dtype=bool).T
"""Three treatments of twelve subjects: success or not."""
