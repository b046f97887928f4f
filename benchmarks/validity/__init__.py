"""How often does `compare` err? Simulated runs, whose truth is known, judged by its own functions.

    python -m benchmarks.validity

`worlds` and `items` draw runs, `judging` has compare judge them, `questions` holds what it says against the truth,
`tally` counts, `studies` says what is tried, `page` writes the tables.
"""
