"""Locks that hold among all machines with one PostgreSQL database, for as long as their connection lives.

They fall with the connection: when its process ends, however it ends, and when the server goes down. On SQLite
there is one machine, and files are locked instead (crawler.captures, monitor.schedule).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from monitor.store.database import Database


class Space(IntEnum):
    """What a lock is for: the first of the two numbers by which PostgreSQL knows it."""

    SCHEDULER = 0x6E6273
    HOST = 0x6E6268
    JOB = 0x6E626A


def number_of(name: str) -> int:
    """The second number for a name. Two names with one number wait for each other in vain, and nothing else."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big", signed=True)


class Locks:
    """Locks on a connection of their own. Not for use by several threads at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None
        self._held: dict[tuple[Space, int], bool] = {}
        self._lost = False

    def take(self, space: Space, wanted: Mapping[int, bool]) -> bool:
        """Takes all of these locks or none: alone (True) or beside others who hold it so. Whether it did.

        What this connection holds it may take again. False where the database does not answer, too.
        """
        taken: list[int] = []
        try:
            connection = self._open()
            for number, alone in wanted.items():
                kind = "" if alone else "_shared"
                statement = f"SELECT pg_try_advisory_lock{kind}(%s, %s)"
                if not connection.execute(statement, (int(space), number)).fetchone()[0]:
                    for one in taken:
                        self._unlock(connection, space, one, alone=wanted[one])
                    return False
                taken.append(number)
        except _errors():
            self._close()
            return False
        self._held |= {(space, number): alone for number, alone in wanted.items()}
        return True

    def release(self, space: Space, number: int) -> None:
        """Lets go of one lock that is held alone."""
        if self._held.pop((space, number), None) is None or self._connection is None:
            return
        try:
            self._unlock(self._connection, space, number, alone=True)
        except _errors():
            self._close()

    def still_held(self) -> bool:
        """Whether the connection lives; where it died, whether all its locks could be taken again at once."""
        if self._connection is not None:
            try:
                self._connection.execute("SELECT 1")
            except _errors():
                self._close()
        if self._connection is not None and not self._lost:
            return True
        again = dict(self._held)
        for space in {space for space, _ in again}:
            if not self.take(space, {number: alone for (of, number), alone in again.items() if of is space}):
                self._close()
                return False
        self._lost = False
        return True

    def forget(self) -> None:
        """Gives up what was lost: it is to be taken anew."""
        self._held.clear()
        self._lost = False
        self._close()

    def close(self) -> None:
        """Lets go of everything."""
        self._held.clear()
        self._close()

    def _open(self) -> Any:
        if self._connection is None:
            pooled = self._database.engine.raw_connection()
            self._connection = pooled.driver_connection
            pooled.detach()
            self._connection.autocommit = True
        return self._connection

    def _close(self) -> None:
        self._lost = bool(self._held)
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @staticmethod
    def _unlock(connection: Any, space: Space, number: int, *, alone: bool) -> None:
        kind = "" if alone else "_shared"
        connection.execute(f"SELECT pg_advisory_unlock{kind}(%s, %s)", (int(space), number))


def _errors() -> tuple[type[Exception], ...]:
    import psycopg

    from monitor.store.database import StoreError

    return (psycopg.Error, DBAPIError, StoreError)
