"""From labelled texts to batches of token ids."""
