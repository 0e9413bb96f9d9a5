"""Discoveries on the family portals of this machine, compared with what really stands there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from crawler.clock import SHANGHAI, Clock
from crawler.discovery.looking import Looker
from crawler.discovery.proposing import Proposal, discover
from crawler.discovery.survey import Limits
from crawler.portals.definition import PortalDefinition
from crawler.sandbox.families.content import Document
from crawler.sandbox.families.portals import ServedPortal
from tests.crawler.crawling import options

CLOCK = Clock.showing(datetime(2024, 3, 1, 9, tzinfo=SHANGHAI))
"""The year after that of the newest reports on the family portals."""


def looker() -> Looker:
    """One that does not wait, for portals on this machine."""
    return Looker(options(retries=0), CLOCK, 0.0)


def discovered(portal: ServedPortal, entrance: str, limits: Limits | None = None) -> Proposal:
    """A discovery from one of a portal's entrances."""
    return discover(portal.address(portal.site.entrances()[entrance]), looker(), limits)


def definition_of(proposal: Proposal, county_code: str = "990101") -> PortalDefinition:
    """The definition that a proposal makes."""
    return PortalDefinition(
        id="found",
        name="found",
        county_code=county_code,
        family=proposal.family,
        hosts=proposal.hosts,
        columns=tuple(column.definition for column in proposal.columns),
        request_interval=0,
    )


@dataclass(frozen=True)
class Compared:
    """What a definition leads to beside what stands on the portal, as organ code and report year."""

    found: frozenset[tuple[str, int]]
    wanted: frozenset[tuple[str, int]]

    @property
    def same(self) -> bool:
        """Whether nothing is missing and nothing is invented."""
        return self.found == self.wanted


def compared(portal: ServedPortal, addresses: set[str]) -> Compared:
    """The reports at these addresses beside those of the portal. An address of nothing counts as invented."""
    found = set()
    for address in addresses:
        parts = urlsplit(address)
        document: Document | None = portal.site.document_at(
            parts.path + (f"?{parts.query}" if parts.query else "")
        )
        if document is None:
            found.add((address, 0))
        elif document.report_year is not None:
            found.add((document.organ.code, document.report_year))
    return Compared(frozenset(found), portal.site.content.reports)
