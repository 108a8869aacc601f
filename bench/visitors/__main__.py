"""`python -m bench.visitors`: visitors of the site as `manage.py up` runs it; writes docs/load.md.

Locust drives it over HTTP. Everything happens in a directory made for the run.
"""

from __future__ import annotations

import argparse
from importlib import import_module

from bench.apart import apart

SUBJECTS = ("social", "shop", "sockets")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.visitors", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="NAME", help=", ".join(SUBJECTS))
    parser.add_argument(
        "--users", nargs="+", type=int, default=[100, 10_000, 100_000], help="sizes, in hundreds"
    )
    parser.add_argument(
        "--products", nargs="+", type=int, default=[50, 100_000], help="sizes, in fifties"
    )
    parser.add_argument("--sockets", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=60, help="of each run, after warming up")
    parser.add_argument("--no-report", action="store_true", help="print; write no file")
    parser.add_argument("--port", type=int, default=8780)
    parser.add_argument("--var", metavar="DIR", help="a directory to keep")
    given = parser.parse_args()
    if unknown := set(given.subjects) - set(SUBJECTS):
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")
    given.subjects = given.subjects or list(SUBJECTS)
    return given


def main() -> None:
    """Have the site up, let visitors in, report."""
    given = arguments()
    with apart(given.var, settings="config.settings") as var:
        # Settings read the environment when they are first imported.
        import_module("bench.visitors.session").run(given, var)


if __name__ == "__main__":
    main()
