"""The portals of all families, by name: to be served on this machine, crawled and discovered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from crawler.portals.definition import PortalDefinition
from crawler.sandbox.families.anhui import AnhuiSite
from crawler.sandbox.families.content import Content, FamilySite, make_content
from crawler.sandbox.families.epoint import EpointSite
from crawler.sandbox.families.gkmlpt import GkmlptSite
from crawler.sandbox.families.hanweb import HanwebSite, TruecmsSite
from crawler.sandbox.families.hanweb_disclosure import HanwebDisclosureSite, HanwebSearchSite
from crawler.sandbox.families.hanweb_query import HanwebQuerySite
from crawler.sandbox.families.hunan import HunanSite
from crawler.sandbox.families.in_place import InPlaceSite
from crawler.sandbox.families.jpaas import JpaasSite
from crawler.sandbox.families.old_gbk import OldGbkSite
from crawler.sandbox.families.other_flat import OtherFlatSite
from crawler.sandbox.families.scripted import ScriptedSite
from crawler.sandbox.families.trs import TrsSite
from crawler.sandbox.families.trs_fujian import TrsFujianSite
from crawler.sandbox.families.trs_hubei import TrsHubeiSite
from crawler.sandbox.families.ucap import UcapPostSite, UcapSearchSite, UcapSite
from crawler.sandbox.families.vsb import VsbSite
from crawler.sandbox.loopback import LoopbackServer


class SiteMaker(Protocol):
    """Makes a portal from what is to stand on it."""

    def __call__(self, content: Content, quirks: Iterable[str] = ()) -> FamilySite:
        """The portal. ``quirks``: see crawler.sandbox.families.content and the site itself."""


FAMILY_SITES: dict[str, SiteMaker] = {
    "trs": TrsSite,
    "trs_fujian": TrsFujianSite,
    "trs_hubei": TrsHubeiSite,
    "old_gbk": OldGbkSite,
    "hanweb_disclosure": HanwebDisclosureSite,
    "hanweb_disclosure_search": HanwebSearchSite,
    "hanweb_query": HanwebQuerySite,
    "jpaas": JpaasSite,
    "ucap": UcapSite,
    "ucap_search": UcapSearchSite,
    "ucap_post": UcapPostSite,
    "hanweb": HanwebSite,
    "hanweb_truecms": TruecmsSite,
    "anhui": AnhuiSite,
    "gkmlpt": GkmlptSite,
    "vsb": VsbSite,
    "epoint": EpointSite,
    "other_flat": OtherFlatSite,
    "in_place": InPlaceSite,
    "hunan": HunanSite,
    "scripted": ScriptedSite,
}
"""Every portal of a family, by name. One family may have several."""


def family_site(name: str, county_code: str = "990101", *, quirks: Iterable[str] = ()) -> FamilySite:
    """A portal of this name with usual content: four towns in one column, two departments, five years, noise."""
    return FAMILY_SITES[name](make_content(county_code, towns=4, departments=2), quirks)


@dataclass(frozen=True, slots=True)
class ServedPortal:
    """A portal that is being served: its site, its host (with the port), the server with its log of requests."""

    site: FamilySite
    host: str
    server: LoopbackServer

    @property
    def definition(self) -> PortalDefinition:
        """Its right definition; nothing waits between requests."""
        return PortalDefinition.model_validate({**self.site.definition(self.host), "request_interval": 0})

    def address(self, path: str) -> str:
        """The address of a path on it."""
        return f"http://{self.host}{path}"


@contextmanager
def served(site: FamilySite) -> Iterator[ServedPortal]:
    """Serve a portal on this machine while the block lasts."""
    with LoopbackServer() as server:
        yield ServedPortal(site, f"127.0.0.1:{server.serve(site)}", server)
