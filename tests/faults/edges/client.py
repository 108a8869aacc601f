"""A client process. Run as `python -m tests.faults.edges.client ACT NAME` by the nursery."""

from __future__ import annotations

import sys

from agents_core import calling
from tests.faults.edges import acts


def main(act: str, name: str) -> None:
    """Do it, under a key of its own."""
    with calling(name, key=f"{name} {act}"):
        getattr(acts, act)(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
