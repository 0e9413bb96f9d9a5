"""Which portals bear on which county, and which counties stand on the same sites.

Pure but for the two questions that it asks of the register. What is said of one county rests on its own organs and
portals, and on one thing more: whether a site was moved is seen from all reports that stand on it, also those of
the other counties there. Organs that follow each other may do so across counties.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from crawler.portals.definition import PortalDefinition
from monitor.store import register
from monitor.store.successions import all_successions, families

OrgansOf = Callable[[str], Iterable[str]]
"""The codes of a county's organs."""
CountiesOf = Callable[[Collection[str]], Mapping[str, str]]
"""The county of each of these organs, as far as they are registered."""


class Sites:
    """The portals by county, by the organs that their columns name, and by the hosts that they stand on."""

    def __init__(
        self,
        portals: Sequence[PortalDefinition],
        organs_of: OrgansOf,
        counties_of: CountiesOf,
        families: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self.portals = {portal.id: portal for portal in portals}
        self._organs_of, self._counties_of, self.families = organs_of, counties_of, families or {}
        self._by_county: dict[str, list[PortalDefinition]] = defaultdict(list)
        self._by_host: dict[str, list[PortalDefinition]] = defaultdict(list)
        self._by_code: dict[str, dict[str, PortalDefinition]] = defaultdict(dict)
        self._named: dict[str, set[str]] = {}
        for portal in portals:
            self._by_county[portal.county_code].append(portal)
            for host in portal.hosts:
                self._by_host[host].append(portal)
            codes = {code for column in portal.columns for code in (column.organ, *column.covers) if code}
            self._named[portal.id] = codes
            for code in codes:
                self._by_code[code][portal.id] = portal
        self._together: dict[str, frozenset[str]] = {}
        self._bearing: dict[str, list[PortalDefinition]] = {}

    @property
    def counties(self) -> Collection[str]:
        """The counties that have a portal."""
        return self._by_county.keys()

    def portals_of(self, county: str) -> list[PortalDefinition]:
        """The portals of a county, and those elsewhere with a column for one of its organs or their relatives."""
        if county not in self._bearing:
            found = {portal.id: portal for portal in self._by_county.get(county, ())}
            for code in (*self._organs_of(county), *self._related(county)):
                found |= self._by_code.get(code, {})
            self._bearing[county] = list(found.values())
        return self._bearing[county]

    def together(self, county: str) -> frozenset[str]:
        """The counties of which portals stand on the same sites, directly or through others; itself among them."""
        if county not in self._together:
            found = self._connected(county)
            self._together |= dict.fromkeys(found, found)
        return self._together[county]

    def _related(self, county: str) -> set[str]:
        """The organs that came before or after one of the county's; none where none has relatives."""
        if not self.families:
            return set()
        return {other for code in self._organs_of(county) for other in self.families.get(code, ())}

    def _connected(self, county: str) -> frozenset[str]:
        found, open_ones = {county}, [county]
        looked_at: set[str] = set()
        while open_ones:
            current = open_ones.pop()
            new = set(self._counties_of(self._related(current)).values())
            for portal in self.portals_of(current):
                if portal.id in looked_at:
                    continue
                looked_at.add(portal.id)
                new.add(portal.county_code)
                new |= {other.county_code for host in portal.hosts for other in self._by_host[host]}
                new |= set(self._counties_of(self._named[portal.id]).values())
            open_ones += new - found
            found |= new
        return frozenset(found)


def sites_of(session: Session, portals: Sequence[PortalDefinition], *, everywhere: bool = False) -> Sites:
    """The sites, with the register asked when it is needed, or, ``everywhere``, read once for all counties."""
    related = families(all_successions(session))
    if not everywhere:
        return Sites(
            portals,
            lambda county: register.organs_of_county(session, county),
            lambda codes: register.county_by_organ(session, codes),
            related,
        )
    county_of = register.county_by_organ(session)
    organs: dict[str, list[str]] = defaultdict(list)
    for code, county in county_of.items():
        organs[county].append(code)
    return Sites(
        portals,
        lambda county: organs.get(county, ()),
        lambda codes: {code: county_of[code] for code in codes if code in county_of},
        related,
    )
