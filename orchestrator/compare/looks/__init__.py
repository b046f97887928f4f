"""Which verdicts may be given: what was planned of the runs and shown of them, and what is left of the level."""
