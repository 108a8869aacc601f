"""Where the machine's processor time goes: to which part of the site, and to what is not ours."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import psutil

PARTS = {
    "granian": "web",
    "daphne": "live",
    "celery": "workers",
    "postgres": "PostgreSQL",
    "valkey-server": "Valkey",
}
"""By a word of the command line."""
VISITORS = "visitors"
OTHERS = "others"


class Watch:
    """Begins to watch when made; the site's processes are known by their directory."""

    def __init__(self, var: Path) -> None:
        self._var = str(var)
        self._began = time.perf_counter()
        self._busy = _busy()
        self._ours = self._times()

    def shares(self) -> dict[str, float]:
        """The share of all cores that each part took since then, and programs not of ours."""
        capacity = (time.perf_counter() - self._began) * (os.cpu_count() or 1)
        spent: Counter[str] = Counter()
        for pid, (part, seconds) in self._times().items():
            spent[part] += seconds - self._ours.get(pid, (part, 0.0))[1]
        spent[OTHERS] = max(_busy() - self._busy - sum(spent.values()), 0.0)
        return {part: round(seconds / capacity, 3) for part, seconds in spent.most_common()}

    def _times(self) -> dict[int, tuple[str, float]]:
        """Processor seconds of each of our processes, of ended children too."""
        ours = {os.getpid(): psutil.Process()}
        for process in psutil.process_iter():
            try:
                if self._is_ours(process):
                    ours |= {one.pid: one for one in (process, *process.children(recursive=True))}
            except psutil.Error:
                continue  # it has just ended
        return {pid: _spent(process) for pid, process in ours.items()}

    def _is_ours(self, process: psutil.Process) -> bool:
        return any(self._var in argument for argument in process.cmdline()) or (
            process.environ().get("AGORA_VAR") == self._var
        )


def _busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)


def _spent(process: psutil.Process) -> tuple[str, float]:
    if process.pid == os.getpid():
        # of our own children only Locust ends while we watch
        times = process.cpu_times()
        return VISITORS, sum(times[:4])
    try:
        times, line = process.cpu_times(), " ".join(process.cmdline())
    except psutil.Error:
        return OTHERS, 0.0
    part = next((part for word, part in PARTS.items() if word in line), "the rest")
    return part, float(times.user + times.system)
