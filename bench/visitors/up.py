"""The site, started by the command that the README names."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.environment import BASE_DIR
from config.launch import answers
from config.polling import until

PATIENCE = 300.0
STOPPING = 60.0


@contextmanager
def site(var: Path, port: int) -> Iterator[None]:
    """`manage.py up` in this directory, answering at this port and the next."""
    var.mkdir(parents=True, exist_ok=True)
    log = var / "up.log"
    command = ["manage.py", "up", "--no-demo", "--port", str(port), "--var", str(var)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=BASE_DIR, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait(process, port, log)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOPPING)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:

    def is_over() -> bool:
        return process.poll() is not None or all(
            answers("127.0.0.1", port + more, "/api/v1/") for more in (0, 1)
        )

    if not until(is_over, patience=PATIENCE, every=0.2) or process.poll() is not None:
        raise RuntimeError(f"The site does not answer:\n{log.read_text()[-2000:]}")
