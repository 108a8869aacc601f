"""Random programs and registers in a storm of faults; what must come of them is computed before."""
