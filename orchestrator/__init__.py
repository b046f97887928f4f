"""How a sweep becomes a claim: plan, run, record, compare, report."""
