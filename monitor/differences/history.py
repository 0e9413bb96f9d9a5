"""The versions of a report from the record, each beside the one that stood at the same address before it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from monitor.alerts.changes import only_in
from monitor.alerts.from_standings import content_identity
from monitor.differences.cells import compare
from monitor.differences.texts import compare_sections
from monitor.differences.versions import Change, MatterOf, Version
from monitor.rules.base import Matter
from monitor.store import alerts, assessments, decisions, versions
from monitor.store.database import Database
from parsers.schema import Report


def history(database: Database, organ_code: str, report_year: int) -> tuple[list[Version], list[Change]]:
    """All versions of the report of an obligation, address by address, the oldest first, and what each changed.

    Both are empty where no report was ever found. What stands at another address, or in an attachment, is no
    change of the page. Raises StoreError.
    """
    with database.reading() as session:
        found = [Version(**row) for row in versions.stretches(session, organ_code, report_year)]
        ids = sorted({version.version_id for version in found})
        documents = {
            number: versions.unpack(packed) for number, packed in versions.documents(session, ids).items()
        }
        judged = assessments.judged_of(session, ids)
        left = assessments.grave_matters(session, ids, decisions.decisions(session))
        matters = {number: told[0] for number, told in left.items()}
        identities = {
            content_identity(organ_code, report_year, matter) for each in matters.values() for matter in each
        }
        told = {
            identity: (alert.id, alert.life.state.value)
            for identity, alert in alerts.known_alerts(session, identities).items()
        }

    def matters_only_in(one: Version, other: Version) -> tuple[MatterOf, ...] | None:
        if not {one.version_id, other.version_id} <= judged:
            return None
        return tuple(
            _with_alert(matter, told.get(content_identity(organ_code, report_year, matter)))
            for matter in only_in(matters.get(one.version_id, ()), matters.get(other.version_id, ()))
        )

    changes = [
        _change(
            before, after, documents, ended=matters_only_in(before, after), brought=matters_only_in(after, before)
        )
        for before, after in pairwise(found)
        if before.address == after.address and before.version_id != after.version_id
    ]
    return found, changes


def _with_alert(matter: Matter, alert: tuple[int, str] | None) -> MatterOf:
    return MatterOf(matter, *alert) if alert else MatterOf(matter, None, None)


def _change(
    before: Version,
    after: Version,
    documents: Mapping[int, Report],
    *,
    ended: tuple[MatterOf, ...] | None,
    brought: tuple[MatterOf, ...] | None,
) -> Change:
    one, other = documents[before.version_id], documents[after.version_id]
    return Change(
        before,
        after,
        title=(one.title, other.title) if _plain(one.title) != _plain(other.title) else None,
        cells=compare(other, one),
        sections=compare_sections(one, other),
        ended=ended,
        brought=brought,
    )


def _plain(title: str | None) -> str:
    return "".join((title or "").split())
