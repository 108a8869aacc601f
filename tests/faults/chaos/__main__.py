"""Chaos for as long as wanted: `make chaos`, or `python -m tests.faults.chaos --minutes 10`.

Rounds follow each other until the time is up, each with the seed after the one before and agents of
its own. The first round that comes out wrong ends it, with its seed, and leaves the directory with
the report and all logs; the same seed carries out the same programs in the same storm again.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.chaos.plan import Plan
from tests.faults.chaos.round import Round, Wrong
from tests.faults.world import World

PROGRAMS = 60
"""Of each of eight threads and round: about a minute of storm."""


def main() -> int:
    """Carry out rounds; 1 if one came out wrong."""
    options = _options()
    seed = random.randrange(1_000_000) if options.seed is None else options.seed
    end = time.monotonic() + 60 * options.minutes
    directory = Path(tempfile.mkdtemp(prefix="agora-chaos-"))
    print(f"Chaos for {options.minutes:g} minutes from SEED={seed} in {directory}", flush=True)
    world = World(directory)
    try:
        world.start()
        while True:
            plan = Plan(f"chaos{seed}", seed, options.programs)
            print(f"SEED={seed}: {Round(world, plan).run()}", flush=True)
            seed += 1
            if time.monotonic() >= end:
                break
    except Wrong as wrong:
        print(wrong, flush=True)
        return 1
    finally:
        world.end()
    shutil.rmtree(directory)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="at least one round; default 5")
    parser.add_argument("--seed", type=int, help="of the first round; a random one if not given")
    parser.add_argument("--programs", type=int, default=PROGRAMS, help="per thread and round")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
