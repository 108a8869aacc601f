"""Readings for operators: of the last commit, without any lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import psycopg

from agents_core import database
from agents_core.execution import unavailable
from agents_core.wire import Connection

T = TypeVar("T")


def look(reading: Callable[[Connection], T]) -> T:
    """Read on the connection for searches, which plans for the values given; a stale one is
    replaced once."""
    tries = 2
    while True:
        tries -= 1
        try:
            return reading(database.connection("search"))
        except psycopg.Error as error:
            database.reset("search")
            if not database.is_passing(error) or not tries:
                raise unavailable("the database", error) from error
