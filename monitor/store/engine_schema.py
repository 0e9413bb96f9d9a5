"""The tables of Procrastinate, the engine of jobs on PostgreSQL: made and brought up by its own statements.

Which of its migrations were applied last stands as the comment of its table of jobs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

_TABLE = "procrastinate_jobs"
_COMMENT = "nianbao: "


def bring_up(connection: Connection) -> bool:
    """Makes the tables, or applies the migrations that are new; whether anything was to be done."""
    from procrastinate.schema import SchemaManager

    migrations = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    newest = migrations[-1].stem
    there, comment = connection.execute(
        text("SELECT to_regclass(:name) IS NOT NULL, obj_description(to_regclass(:name), 'pg_class')"),
        {"name": _TABLE},
    ).one()
    if there and comment == _COMMENT + newest:
        return False
    driver: Any = connection.connection.driver_connection
    if not there:
        driver.execute(SchemaManager.get_schema())
    else:
        # Without a comment of ours they were made by this very version of Procrastinate.
        last = comment.removeprefix(_COMMENT) if comment else newest
        for migration in migrations:
            if migration.stem > last:
                driver.execute(migration.read_text(encoding="utf-8"))
    connection.execute(text(f"COMMENT ON TABLE {_TABLE} IS '{_COMMENT}{newest}'"))
    return True
