"""Requests of callers as they are counted among all processes, in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, case, or_
from sqlalchemy.orm import Session

from monitor.store.engines import insert_into
from monitor.store.tables import RequestCount

_MINUTES_APART = 5
"""So far the clocks of machines that serve one database may be apart."""


def take(session: Session, caller: str, minute: int, number: int) -> int:
    """Takes so many requests of a caller in a minute; gives how many are taken of it now, with these.

    A later minute begins at nothing; a machine whose clock is behind takes from the latest one, unless that is so
    far ahead that a clock was wrong and has been set right: nobody is refused until then.
    """
    table: Table = RequestCount.__table__  # type: ignore[assignment]
    statement: Any = insert_into(session, table).values(caller=caller, minute=minute, taken=number)
    new = statement.excluded
    later = or_(new.minute > table.c.minute, new.minute < table.c.minute - _MINUTES_APART)
    statement = statement.on_conflict_do_update(
        index_elements=["caller"],
        set_={
            "minute": case((later, new.minute), else_=table.c.minute),
            "taken": case((later, new.taken), else_=table.c.taken + new.taken),
        },
    ).returning(table.c.taken)
    return int(session.connection().execute(statement).scalar_one())
