"""How the portals fare, in the words of alerts: from their runs, and from what on them could not be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from crawler.portals.definition import PortalDefinition
from crawler.records import Outcome
from monitor.alerts.conditions import FailedRequest, JudgedVersion, PortalHealth, UnreadCapture
from monitor.store import alerts as alerts_store
from monitor.store import assessments, crawls
from monitor.store.crawls import PortalRuns, RunSummary
from monitor.store.versions import UnreadDocument

if TYPE_CHECKING:
    from monitor.judging import Scope

MISREAD = "L-06"
"""The rule that tells a report of which a part is unread because two readings of it differ."""


def portal_health(session: Session, portals: Sequence[PortalDefinition], as_of: datetime) -> list[PortalHealth]:
    """How the portals fare at ``as_of`` by their runs, also those never crawled."""
    runs = crawls.portal_runs(session, as_of)
    return [_health(session, portal, runs.get(portal.id), as_of) for portal in portals]


def with_unread(
    session: Session,
    health: Mapping[str, PortalHealth],
    scope: Scope,
    unread: Iterable[UnreadDocument],
    judged: Iterable[JudgedVersion],
) -> list[PortalHealth]:
    """Portals with what on them could not be read: documents, and parts of reports that two readings differ in.

    Each county has its portals' documents, and the reports of its organs wherever they stand. ``health`` are all
    portals that are defined.
    """
    found: dict[tuple[str, str], list[UnreadCapture]] = defaultdict(list)
    for document in unread:
        portal = health.get(document.portal_id)
        if portal is None or not scope.record.covers(portal.county_code):
            continue
        if document.kind == "unreadable" and document.current and document.gone_at is None:
            found[portal.portal_id, portal.county_code].append(_unread(document))
    versions_of = {version.version_id: version for version in judged}
    first_seen = {seen.version_id: seen.first_seen_at for seen in scope.current}
    for version_id, finding in assessments.told_by(session, MISREAD, versions_of).items():
        version = versions_of[version_id]
        county = version.organ.county_code if version.organ else version.county_code
        found[version.portal_id, county].append(
            UnreadCapture(
                address=version.address,
                sha256=version.sha256,
                error=finding.values["text"],
                fetched_at=first_seen[version_id],
                title=version.title,
                rule=MISREAD,
            )
        )
    return [
        replace(health[portal_id], county_code=county, unread=tuple(captures))
        for (portal_id, county), captures in found.items()
        if portal_id in health
    ]


def _unread(document: UnreadDocument) -> UnreadCapture:
    return UnreadCapture(
        address=document.address,
        sha256=document.sha256,
        error=document.error or "",
        fetched_at=document.first_seen_at,
        title=document.listed_title or document.title,
    )


def _health(session: Session, portal: PortalDefinition, runs: PortalRuns | None, as_of: datetime) -> PortalHealth:
    last = runs.last if runs else None
    return PortalHealth(
        portal_id=portal.id,
        name=portal.name,
        county_code=portal.county_code,
        last_outcome=last.outcome if last else None,
        last_problem=_in_words(last),
        last_run_at=last.finished_at if last else None,
        last_whole_at=runs.last_whole.finished_at if runs and runs.last_whole else None,
        first_run_at=runs.first_started_at if runs else None,
        failing_runs=runs.failing if runs else 0,
        failed_request=_failed_request(session, last) if last else None,
        in_use=portal.valid_on(as_of.astimezone(SHANGHAI).date()),
        hosts=portal.hosts,
    )


def _failed_request(session: Session, last: RunSummary) -> FailedRequest | None:
    """What the portal answered in its last run, where that run failed."""
    if last.outcome.whole:
        return None
    return alerts_store.failed_request(session, last.portal_id, last.started_at, last.finished_at)


def _in_words(run: RunSummary | None) -> str | None:
    from crawler.outcomes import in_words

    return in_words(run.problem) if run and run.problem and run.outcome is not Outcome.COLLECTED else None
