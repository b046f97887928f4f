"""One file for each method: numbers from samples, with no knowledge of arms, looks or verdicts."""
