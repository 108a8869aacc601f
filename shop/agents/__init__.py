"""The shop's agents: one module each, every one imported at start."""
