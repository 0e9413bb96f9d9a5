"""What was said of versions before it was said otherwise, in the database: see :class:`tables.PastJudgement`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import zstandard
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from monitor.store.database import chunks
from monitor.store.tables import Assessment, FindingRow, PastJudgement

Rows = list[list[Any]]
"""The findings of a version in their order: rule, matter, its severity, whether it leads, and the evidence."""

_FIELDS = ("rule", "matter", "matter_severity", "leading", "evidence")


def keep(session: Session, said: Mapping[int, Sequence[Mapping[str, Any]]], at: datetime) -> dict[int, datetime]:
    """Keeps what was said of versions until ``at``, where what is said of them now (``said``) is something else.

    ``said`` are the rows of the table of findings, by version. Gives since when the same was said of the others.
    Call it before the new rows replace the old ones.
    """
    over, same = [], {}
    for part in chunks(sorted(said)):
        before = _judged(session, part)
        told = _findings(session, sorted(before))
        for version_id, since in before.items():
            document = _packed(told.get(version_id, []))
            if document == _packed([[row[field] for field in _FIELDS] for row in said[version_id]]):
                same[version_id] = since
            elif since < at:  # a moment that is judged again takes the place of itself
                over.append(
                    {
                        "version_id": version_id,
                        "held_to": at,
                        "document": zstandard.ZstdCompressor(level=9).compress(document),
                    }
                )
    if over:
        session.execute(insert(PastJudgement), over)
    return same


def said_at(session: Session, version_ids: Collection[int], at: datetime) -> dict[int, Rows]:
    """What was said of versions at a moment, of those of which something else is said now.

    Of a version that was judged only later, what was said of it first.
    """
    found: dict[int, bytes] = {}
    for part in chunks(sorted(version_ids)):
        statement = (
            select(PastJudgement.version_id, PastJudgement.document)
            .where(PastJudgement.version_id.in_(part), PastJudgement.held_to > at)
            .order_by(PastJudgement.held_to, PastJudgement.id)
        )
        for version_id, document in session.execute(statement):
            found.setdefault(version_id, document)
    decompressor = zstandard.ZstdDecompressor()
    return {version_id: orjson.loads(decompressor.decompress(document)) for version_id, document in found.items()}


def _judged(session: Session, version_ids: Sequence[int]) -> dict[int, datetime]:
    """Those that were judged, and since when what is said of them was said."""
    statement = select(Assessment.version_id, Assessment.assessed_at).where(Assessment.version_id.in_(version_ids))
    return {row[0]: row[1] for row in session.execute(statement)}


def _findings(session: Session, version_ids: Sequence[int]) -> dict[int, Rows]:
    columns: Iterable[Any] = (getattr(FindingRow, field) for field in _FIELDS)
    statement = select(FindingRow.version_id, *columns).where(FindingRow.version_id.in_(version_ids))
    found: dict[int, Rows] = {}
    for row in session.execute(statement.order_by(FindingRow.id)):
        found.setdefault(row[0], []).append(list(row[1:]))
    return found


def _packed(rows: Rows) -> bytes:
    """The same bytes for the same findings."""
    return orjson.dumps(rows, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
