"""The completeness report of one county, for its page and to take along as a file."""

from __future__ import annotations

from dataclasses import replace

from crawler.portals.definition import PortalDefinition
from monitor.access.base import Access, NotFound
from monitor.accounts.scope import Scope
from monitor.completeness.figures import Completeness
from monitor.completeness.ranking import Ranking
from monitor.language import N_, translate
from monitor.store import kept_standings, register

_UNUSABLE = N_("门户定义 {file} 有错")


def report(access: Access, county: str, year: int) -> Completeness:
    """The report of the present moment on one county, with all blocks.

    Of a moment before the county was last assessed it is never: the clock may have been set back. The ranking of
    the prefecture shows the counties that the reader may see. Raises NotFound, StoreError.
    """
    from monitor.completeness.keeping import report_now

    access.county(county)
    with access.reading() as session:
        if register.county_names(session, county) is None:
            raise NotFound(county)
        kept = kept_standings.by_county(session, year, Scope.of([county])).get(county)
    as_of = max(access.now, kept.assessed_at) if kept else access.now
    settings = access.settings.model_copy(
        update={"people": access.settings.people.model_copy(update={"language": access.language})}
    )
    portals = (*access.record.portals(), *_unread(access, county))
    made = report_now(access.database, portals, settings, as_of, year=year, county=county)
    return replace(made, rankings=tuple(_seen(access, one) for one in made.rankings))


def _unread(access: Access, county: str) -> tuple[PortalDefinition, ...]:
    """Stand-ins for definitions that cannot be used: nobody counts as missing because of them."""
    from monitor.visits import stand_in

    return tuple(
        stand_in(broken.path, county, translate(_UNUSABLE, access.language, {"file": broken.path.name}))
        for broken in access.record.portals.broken()
        if broken.county_code in (None, county)
    )


def _seen(access: Access, ranking: Ranking) -> Ranking:
    return replace(ranking, places=tuple(place for place in ranking.places if access.scope.covers(place.code)))
