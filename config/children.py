"""Starting child processes that never outlive us, and ending those a killed run left behind."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

import psutil

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522
LOG_KEPT_BYTES = 20_000_000

# Loaded here, since nothing may be imported between fork and exec.
_libc = ctypes.CDLL(None, use_errno=True)


class RunAs(NamedTuple):
    """The system user a child gives itself up to."""

    uid: int
    gid: int


def spawn(
    command: Sequence[str],
    *,
    output: IO[bytes] | int,
    source: IO[bytes] | int = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
    on_parent_death: signal.Signals = signal.SIGTERM,
    run_as: RunAs | None = None,
    niceness: int = 0,
    directory: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own which the kernel signals when we die, however we die.

    Call it from the main thread: the kernel counts the starting *thread* as the parent.
    """
    return subprocess.Popen(
        command,
        stdin=source,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=directory,
        # Ctrl-C in the terminal reaches us alone; we stop the children in order.
        start_new_session=True,
        preexec_fn=_before_exec(os.getpid(), on_parent_death, run_as, niceness),
    )


def _before_exec(
    parent: int, on_parent_death: signal.Signals, run_as: RunAs | None, niceness: int
) -> Callable[[], None]:
    def prepare() -> None:
        if niceness:
            _stand_back(niceness)
        if run_as is not None:
            _become(run_as)
        if sys.platform == "linux":
            # After the change of user, which would clear it.
            _libc.prctl(PR_SET_PDEATHSIG, int(on_parent_death), 0, 0, 0)
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def _stand_back(niceness: int) -> None:
    """Yield to others. Where Linux shares the processor out by session, within ours alone there is
    nobody to be nice to: the session itself has to stand back."""
    os.nice(niceness)
    with suppress(OSError):  # no such sharing here
        session = os.open("/proc/self/autogroup", os.O_WRONLY)
        try:
            os.write(session, str(niceness).encode())
        finally:
            os.close(session)


def _become(run_as: RunAs) -> None:
    """Change the user, keeping of root's rights only the way through closed directories.

    Without that one right PostgreSQL, which refuses to be root, could not live in a directory
    below /root; opening such a directory to everybody instead would be worse. Where even root
    does not have the right (some containers), the child goes without.
    """
    if sys.platform == "linux":
        _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(run_as.gid, run_as.gid, run_as.gid)
    os.setresuid(run_as.uid, run_as.uid, run_as.uid)
    if sys.platform == "linux":
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        right = 1 << CAP_DAC_OVERRIDE
        data = (ctypes.c_uint32 * 6)(right, right, right, 0, 0, 0)
        if _libc.capset(header, data) == 0:
            _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def open_log(path: Path) -> IO[bytes]:
    """Open a log to append to; one that has grown large is put aside first, as `NAME.1`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_KEPT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab", buffering=0)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be collected does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def end_processes(
    processes: Sequence[psutil.Process], *, first: signal.Signals, patience: float
) -> None:
    """Ask processes to end, wait, and kill those that did not."""
    for process in processes:
        _signal(process, first)
    _, stubborn = psutil.wait_procs(processes, timeout=patience)
    for process in stubborn:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=patience)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
