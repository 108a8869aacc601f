"""The runtime's one clock. Tests replace `source`; nothing else reads the time."""

from __future__ import annotations

import hashlib
import os
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOUR = 3_600_000_000


def _system() -> int:
    return time.time_ns() // 1000


source: Callable[[], int] = _system
_lock = threading.Lock()
_last_stamp = 0
_process = uuid.uuid4()


def _after_fork() -> None:
    global _process
    _process = uuid.uuid4()


os.register_at_fork(after_in_child=_after_fork)


def micros() -> int:
    """Microseconds since the epoch."""
    return source()


def now() -> datetime:
    """The time as an aware datetime in UTC."""
    return to_datetime(source())


def to_datetime(moment: int) -> datetime:
    """A datetime of microseconds since the epoch."""
    return EPOCH + timedelta(microseconds=moment)


def to_micros(moment: datetime) -> int:
    """Microseconds since the epoch of an aware datetime, exactly."""
    return (moment - EPOCH) // MICROSECOND


def stamp() -> int:
    """Microseconds that rise strictly within this process, for what outsiders send."""
    global _last_stamp
    with _lock:
        _last_stamp = max(source(), _last_stamp + 1)
        return _last_stamp


def ordered_uuid(moment: int, low_bits: int) -> uuid.UUID:
    """A UUID (version 7) that sorts by its microseconds, then by the low 62 bits given."""
    millis, rest = divmod(moment, 1000)
    return uuid.UUID(int=millis << 80 | 7 << 76 | rest * 4 << 64 | 2 << 62 | low_bits)


def uuid_time(id_: uuid.UUID) -> datetime:
    """The time in a UUID of version 7, to the millisecond."""
    return to_datetime(min((id_.int >> 80) * 1000, to_micros(datetime.max.replace(tzinfo=UTC))))


def message_id(moment: int, ordinal: int, sender: str) -> uuid.UUID:
    """The id of a sender's message: the same when its command runs again, in the order sent.

    A sender's moments rise strictly, so (moment, ordinal) orders its messages; the sender's hash
    keeps two senders of one microsecond apart.
    """
    low_bits = int.from_bytes(hashlib.blake2b(sender.encode(), digest_size=5).digest())
    return ordered_uuid(moment, ordinal << 40 | low_bits)


def outsiders_message_id(caller: str | None) -> uuid.UUID:
    """The id of an outsider's message; two processes never make the same one."""
    return message_id(stamp(), 0, f"{caller or ''} {_process.hex}")


def moment_of(id_: uuid.UUID) -> datetime:
    """The time in an id that `ordered_uuid` made."""
    return to_datetime((id_.int >> 80) * 1000 + (id_.int >> 66 & 0x3FF))


def message_bound(moment: datetime) -> uuid.UUID:
    """The smallest id a message of this moment can have."""
    return ordered_uuid(to_micros(moment), 0)
