"""The garbage collector of processes that serve for long."""

import gc

OFTEN_ENOUGH = 50_000
"""New objects between two looks for cycles. A turn of thousands of messages makes so many that are
needed until its end; looking at them again and again takes a tenth of its time."""


def settle() -> None:
    """What is loaded by now stays: leave it out of every later look."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OFTEN_ENOUGH, 20, 20)
