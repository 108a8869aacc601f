"""The files in which processes keep their numbers for Prometheus: one directory, a few files each.

Those of processes that are no more are added up into one, so that no counter falls and no files
pile up.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from prometheus_client.mmap_dict import MmapedDict

from config.embedded.use import FileLock
from config.polling import until

LOCK_PATIENCE = 1.0
OF_A_PROCESS = re.compile(r"(?P<kind>counter|histogram|gauge_livesum)_(?P<pid>\d+)\.db")
GONE = "gone"


@contextmanager
def held_still(directory: Path) -> Iterator[None]:
    """While inside, the files are those of living processes, and one of each kind for all others.

    If another process holds them and does not let go, they are as they are.
    """
    lock = FileLock(directory / "lock")
    try:
        if until(lock.take, patience=LOCK_PATIENCE):
            _add_up_the_dead(directory)
        yield
    finally:
        lock.release()


def forget(directory: Path) -> None:
    """Begin anew: a site that starts counts from zero. Files of living processes stay."""
    for path in directory.glob("*.db"):
        if not _lives(path):
            path.unlink(missing_ok=True)


def _lives(path: Path) -> bool:
    named = OF_A_PROCESS.fullmatch(path.name)
    return named is not None and psutil.pid_exists(int(named["pid"]))


def _add_up_the_dead(directory: Path) -> None:
    for path in directory.glob("*.db"):
        named = OF_A_PROCESS.fullmatch(path.name)
        if named is None or _lives(path):
            continue
        if not named["kind"].startswith("gauge"):  # what it had open is closed
            _add_up(path, directory / f"{named['kind']}_{GONE}.db")
        path.unlink()


def _add_up(path: Path, into: Path) -> None:
    total = MmapedDict(str(into))
    try:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path)):
            total.write_value(key, total.read_value(key)[0] + value, 0.0)
    finally:
        total.close()
